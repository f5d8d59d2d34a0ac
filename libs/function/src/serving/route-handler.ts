import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { EbbError, problem } from '@ebb/core';
import type { RequestHandler, Response } from 'express';

import type { AnyAnswer } from '../definition/route-answers.ts';
import { nameOf, type RouteDefinition } from '../definition/route.ts';
import { assertMay, type Callers } from './callers.ts';
import { sendProblem } from './problems.ts';
import { scopeOf, type RequestScope } from './request-scope.ts';
import { routeContext } from './route-context.ts';
import { readBytes, readHeaders, readParams, readQuery, readRouteBody } from './route-input.ts';
import type { ServiceRuntime } from './runtime.ts';

/** A route as Express calls it: who asks, what they ask, the handler, its answer. */
export function routeHandler(route: RouteDefinition, runtime: ServiceRuntime, callers: Callers): RequestHandler {
  return async (request, response) => {
    runtime.onRoute?.(request, route);
    const scope = scopeOf(request);
    if (route.timeoutMs !== undefined) scope.endAfter(route.timeoutMs);
    const caller = await callers.identify(route, request);
    const params = readParams(route, request.params);
    assertMay(route, caller, params);
    const query = readQuery(route, request.originalUrl);
    const headers = readHeaders(route, request);
    const body = await readRouteBody(route, request);
    const context = routeContext(route, runtime, scope);
    const read = (): unknown => readBytes(route, body);
    const answer = await route.handle({ params, query, headers, body, read, caller, request, response }, context);
    if (answer) await send(route, answer, scope, response);
    else if (!route.stream) throw new EbbError('EBB_DEFINITION', `route "${nameOf(route)}" gave no answer`);
  };
}

async function send(route: RouteDefinition, answer: AnyAnswer, scope: RequestScope, response: Response): Promise<void> {
  const { status, headers = {}, body } = answer;
  // Its time was over, or the client is gone.
  if (response.headersSent || response.destroyed) return;
  const documented = route.answers.get(status);
  if (documented?.problem) {
    const detail = answer.detail ?? documented.description;
    sendProblem(response, problem(status, detail, { ...answer.extensions, requestId: scope.requestId }), headers);
    return;
  }
  response.status(status).set(headers);
  if (documented?.contentType !== undefined) await sendOther(documented.contentType, body, response, scope.signal);
  else if (body === undefined) response.end();
  else response.json(body);
}

async function sendOther(contentType: string, body: unknown, response: Response, signal: AbortSignal): Promise<void> {
  response.set('content-type', contentType);
  if (body instanceof Readable) {
    await pipeline(body, response).catch((error: unknown) => {
      // A client that leaves in the middle is no failure of the service.
      if (!signal.aborted) throw error;
    });
  } else response.send(typeof body === 'string' ? body : Buffer.from(body as Uint8Array));
}
