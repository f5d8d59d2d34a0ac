import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import type { HttpClient } from './http-client.ts';
import { resolveDestination, type Target } from './destination.ts';
import type { ServingPort } from './serving-port.ts';

/** Vert.x, which the data plane sends with, follows as many. */
const MAX_REDIRECTS = 16;

export interface Sent {
  readonly answer: HttpAnswer;
  /** The answer came from elsewhere: a 303 was followed (trap 20). */
  readonly redirected: boolean;
}

export interface SenderOptions {
  readonly serving: ServingPort;
  readonly http: HttpClient;
  /** Takes a request for a Broker of this runtime, as its ingress would. */
  readonly toBroker: (namespace: string, name: string, request: HttpRequest) => Promise<HttpAnswer>;
}

/** Sends to whatever a destination means. */
export interface Sender {
  /** @throws when there is no answer: the receiver cannot be reached, or not in time */
  send(target: Target, request: HttpRequest): Promise<Sent>;
}

export function createSender({ serving, http, toBroker }: SenderOptions): Sender {
  const exchange = (target: Target, request: HttpRequest): Promise<HttpAnswer> => {
    if (target.kind === 'service') return serving.request(target.service, { ...request, path: target.path });
    if (target.kind === 'broker') return toBroker(target.namespace, target.name, request);
    if (target.kind === 'http') return http.send(new URL(target.url), request);
    return Promise.reject(new Error(target.reason));
  };
  return {
    async send(first, request) {
      let target = first;
      let sending = request;
      for (let hops = 0; ; hops += 1) {
        const answer = await exchange(target, sending);
        const location = hops < MAX_REDIRECTS ? followed(answer, sending.method) : undefined;
        if (location === undefined) return { answer, redirected: hops > 0 };
        const next = new URL(location, target.url).href;
        target = resolveDestination({ uri: next }, '', (name) => serving.has(name));
        sending = asGet(sending);
      }
    },
  };
}

/** A 303 turns a POST into a GET; what redirects a GET is followed, what redirects a POST is a failure. */
function followed({ status, headers }: HttpAnswer, method: 'POST' | 'GET'): string | undefined {
  const follows = status === 303 || (method === 'GET' && [301, 302, 307, 308].includes(status));
  return follows ? headers.location : undefined;
}

function asGet({ body: _body, ...request }: HttpRequest): HttpRequest {
  return { ...request, method: 'GET' };
}
