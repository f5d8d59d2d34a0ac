import { request, type IncomingMessage } from 'node:http';
import { EbbError, messageOf } from '@ebb/core';
import {
  CONTROL_PATH,
  findWorkspace,
  StateDirectory,
  type ProblemReport,
  type RunningRuntime,
} from '@ebb/local/client';

/** The running runtime answered with a problem: the client's mistake, or something that is not there. */
class ControlProblem extends EbbError {
  readonly problem: ProblemReport;

  constructor(problem: ProblemReport) {
    const violations = (problem.violations ?? []).map(({ path, message }) => `\n  ${path || '(root)'} ${message}`);
    super('EBB_USAGE', `${problem.detail ?? problem.title}${violations.join('')}`);
    this.problem = problem;
  }
}

/** Speaks to the runtime of the workspace around `from`. It asks the loopback address: `*.localhost` resolves only in browsers and curl. */
export class ControlClient {
  readonly runtime: RunningRuntime;

  constructor(from: string = process.cwd()) {
    const running = new StateDirectory(findWorkspace(from)).running();
    if (!running) throw new EbbError('EBB_USAGE', 'Ebb is not running in this workspace. Start it with: npm start');
    this.runtime = running;
  }

  async get<T>(path: string): Promise<T> {
    return this.#json<T>('GET', path);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>('POST', path, body);
  }

  /** Server-sent events of a path, until the signal or the runtime ends them. */
  async *stream<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
    const response = await this.#send('GET', path, { accept: 'text/event-stream', signal });
    if (response.statusCode !== 200) throw await problemOf(response);
    let buffered = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        buffered += chunk as string;
        const frames = buffered.split('\n\n');
        buffered = frames.pop() ?? '';
        for (const frame of frames) {
          const data = frame
            .split('\n')
            .filter((line) => line.startsWith('data: '))
            .map((line) => line.slice('data: '.length))
            .join('\n');
          if (data !== '') yield JSON.parse(data) as T;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, { accept: 'application/json', body });
    if ((response.statusCode ?? 500) >= 400) throw await problemOf(response);
    return JSON.parse(await textOf(response)) as T;
  }

  #send(
    method: string,
    path: string,
    options: { accept: string; body?: unknown; signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    const { port } = this.runtime;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path: `${CONTROL_PATH}${path}`,
          headers: { accept: options.accept, 'content-type': 'application/json' },
          ...(options.signal && { signal: options.signal }),
        },
        resolve,
      );
      outgoing.on('error', (error) =>
        reject(
          new EbbError('EBB_RUNTIME', `the runtime at port ${port} did not answer: ${messageOf(error)}`, {
            cause: error,
          }),
        ),
      );
      outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}

async function problemOf(response: IncomingMessage): Promise<ControlProblem> {
  const text = await textOf(response);
  const status = response.statusCode ?? 500;
  try {
    return new ControlProblem(JSON.parse(text) as ProblemReport);
  } catch {
    return new ControlProblem({ title: `HTTP ${status}`, status, detail: text.slice(0, 500) });
  }
}
