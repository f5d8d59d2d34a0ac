import type { IncomingMessage, ServerResponse } from 'node:http';

import { newId, TimeoutError } from '@ebb/core';

/** What belongs to one request of a route. */
export interface RequestScope {
  /** The caller's X-Request-Id where it is a sane one, else a new id. */
  readonly requestId: string;
  /** Aborted when the client goes away or the time is over: the service's, or the route's own. */
  readonly signal: AbortSignal;
  /** Gives the request another time than the service's, counted from now. */
  readonly endAfter: (timeoutMs: number) => void;
}

/** Long enough for any id that is used; nothing that could break a log line or a header. */
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

const scopes = new WeakMap<IncomingMessage, RequestScope>();

/** Opens the scope of a request; it ends with the response. `onTimeout` is called once when the time is over. */
export function openScope(
  request: IncomingMessage,
  response: ServerResponse,
  timeoutMs: number,
  onTimeout: (error: TimeoutError) => void,
): RequestScope {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const endAfter = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const error = new TimeoutError(`the request took longer than ${ms} ms`);
      controller.abort(error);
      onTimeout(error);
    }, ms);
  };
  endAfter(timeoutMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort(new Error('the client went away'));
  });
  const scope = { requestId: requestIdOf(request), signal: controller.signal, endAfter };
  scopes.set(request, scope);
  return scope;
}

/** The scope that was opened for a request. */
export function scopeOf(request: IncomingMessage): RequestScope {
  const scope = scopes.get(request);
  if (!scope) throw new TypeError('this request was not received by the runtime');
  return scope;
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId();
}
