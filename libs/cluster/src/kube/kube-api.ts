import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { ClusterError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { refusalOf, unreachable, type Asked } from './refusal.ts';
import { nameOfType, pathOf, type ResourceType } from './resource-type.ts';

/** Says in the cluster who wrote a field. */
const FIELD_MANAGER = 'ebb';
const DEFAULT_TIMEOUT_MS = 20_000;
const PAGE = '500';
const MERGE_PATCH = 'application/merge-patch+json';

interface Page<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly continue?: string };
}

interface Call {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks the API server for resources, each time within a time limit. What goes wrong is one sentence. */
export class KubeApi {
  readonly connection: Connection;
  readonly #timeoutMs: number;

  constructor(connection: Connection, timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws ClusterError also when the cluster does not know the kind */
  async list<T>(type: ResourceType, namespace: string, labelSelector?: string): Promise<readonly T[]> {
    const items: T[] = [];
    let next: string | undefined;
    do {
      const query = {
        limit: PAGE,
        ...(labelSelector !== undefined && { labelSelector }),
        ...(next !== undefined && { continue: next }),
      };
      const asked = { verb: 'list', resource: nameOfType(type), namespace, from: type.from };
      const page = await this.#json<Page<T>>({ method: 'GET', path: pathOf(type, namespace), query }, asked);
      items.push(...page.items);
      next = page.metadata?.continue;
      // The last page may say so with an empty text.
    } while (next !== undefined && next !== '');
    return items;
  }

  /** Undefined when there is none of that name. */
  async get<T>(type: ResourceType, namespace: string, name: string): Promise<T | undefined> {
    const asked = { verb: 'get', resource: nameOfType(type), namespace, name, from: type.from };
    const answer = await this.#send({ method: 'GET', path: pathOf(type, namespace, name) });
    if (answer.status === 404) return undefined;
    return this.#parse(answer, asked) as T;
  }

  /** Changes what the document names, and nothing else. */
  async patch<T>(type: ResourceType, namespace: string, name: string, body: unknown): Promise<T> {
    const asked = { verb: 'patch', resource: nameOfType(type), namespace, name, from: type.from };
    const query = { fieldManager: FIELD_MANAGER };
    const path = pathOf(type, namespace, name);
    return this.#json<T>({ method: 'PATCH', path, query, body, contentType: MERGE_PATCH }, asked);
  }

  /** False when there is one of that name already. */
  async create(type: ResourceType, namespace: string, body: unknown): Promise<boolean> {
    const asked = { verb: 'create', resource: nameOfType(type), namespace, from: type.from };
    const query = { fieldManager: FIELD_MANAGER };
    const answer = await this.#send({ method: 'POST', path: pathOf(type, namespace), query, body });
    if (answer.status === 409) return false;
    this.#parse(answer, asked);
    return true;
  }

  async #json<T>(call: Call, asked: Asked): Promise<T> {
    return this.#parse(await this.#send(call), asked) as T;
  }

  #parse({ status, body }: Answer, asked: Asked): unknown {
    if (status >= 300) throw refusalOf(status, body, asked, this.connection);
    try {
      return JSON.parse(body) as unknown;
    } catch (error) {
      throw new ClusterError(`${this.connection.server} answered something that is no JSON: is it an API server?`, {
        status,
        cause: error,
      });
    }
  }

  async #send(call: Call): Promise<Answer> {
    const { connection } = this;
    const credentials = await connection.credentials();
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await exchange(connection.server, call, { ...credentials, signal: timeout });
      return { status: response.statusCode ?? 0, body: await textOf(response) };
    } catch (error) {
      const overdue = new Error(`no answer within ${this.#timeoutMs / 1_000} s`, { cause: error });
      throw unreachable(timeout.aborted ? overdue : error, connection);
    }
  }
}

function exchange(
  server: string,
  { method, path, query = {}, body, contentType = 'application/json' }: Call,
  options: Awaited<ReturnType<Connection['credentials']>>,
): Promise<IncomingMessage> {
  // A path in the server's address stays before ours: clusters behind a gateway have one.
  const url = new URL(`${server}${path}?${new URLSearchParams(query).toString()}`);
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const headers = {
    ...(options.headers as Readonly<Record<string, string>> | undefined),
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': contentType }),
  };
  return new Promise((resolve, reject) => {
    send(url, { ...options, method, headers }, resolve)
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}
