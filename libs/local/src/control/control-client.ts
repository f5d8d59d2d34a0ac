import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { EbbError, messageOf } from '@ebb/core';
import { CONTROL_PATH, type ProblemReport } from './api.ts';

/** One request to a control API, wherever it is served. */
export interface ControlRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Carries requests to a control API. It rejects with what a person can do something with. */
export type ControlTransport = (request: ControlRequest) => Promise<IncomingMessage>;

/** The control API answered with a problem: the client's mistake, or something that is not there. */
class ControlProblem extends EbbError {
  readonly problem: ProblemReport;

  constructor(problem: ProblemReport) {
    const detail = problem.detail ?? problem.title;
    const violations = (problem.violations ?? []).map(({ path, message }) => `${path || '(root)'} ${message}`);
    // Some say all of it in a sentence already.
    const more = violations.filter((violation) => !detail.includes(violation));
    super('EBB_USAGE', [detail, ...more].join('\n  '));
    this.problem = problem;
  }
}

/** Speaks to a control API: the one of the runtime on this machine, or the one in a cluster. */
export class ControlClient {
  readonly #send: ControlTransport;

  constructor(transport: ControlTransport) {
    this.#send = transport;
  }

  /** @throws EbbError EBB_USAGE for what the API refuses, and what the transport throws */
  async get<T>(path: string): Promise<T> {
    return this.#json<T>('GET', path);
  }

  /** @throws EbbError EBB_USAGE for what the API refuses, and what the transport throws */
  async post<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>('POST', path, body);
  }

  /** Server-sent events of a path, until the signal or the other side ends them. */
  async *stream<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
    const response = await this.#request('GET', path, { accept: 'text/event-stream', signal });
    if (response.statusCode !== 200) throw await problemOf(response);
    let buffered = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        buffered += chunk as string;
        const frames = buffered.split('\n\n');
        buffered = frames.pop() ?? '';
        for (const frame of frames) {
          const data = dataOf(frame);
          if (data !== '') yield JSON.parse(data) as T;
        }
      }
    } catch (error) {
      if (!signal.aborted)
        throw new EbbError('EBB_RUNTIME', `what passes is not shown any more: ${messageOf(error)}`, { cause: error });
    }
  }

  async #json<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await this.#request(method, path, { accept: 'application/json', body });
    if ((response.statusCode ?? 500) >= 400) throw await problemOf(response);
    return JSON.parse(await textOf(response)) as T;
  }

  #request(
    method: 'GET' | 'POST',
    path: string,
    { accept, body, signal }: { accept: string; body?: unknown; signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    return this.#send({
      method,
      path: `${CONTROL_PATH}${path}`,
      headers: { accept, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  }
}

function dataOf(frame: string): string {
  return frame
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
    .join('\n');
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
