import type { IncomingMessage, ServerResponse } from 'node:http';

import { problem } from '@ebb/core';
import { inSpan, parseTraceparent } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler as Middleware,
} from 'express';

import { allowedMethods } from './allowed-methods.ts';
import { Callers } from './callers.ts';
import type { RequestHandler } from './handler.ts';
import { problemOf, sendProblem } from './problems.ts';
import { discardRest } from './refused-body.ts';
import { openScope, scopeOf } from './request-scope.ts';
import { routeHandler } from './route-handler.ts';
import { byPrecedence } from './route-order.ts';
import type { ServiceRuntime } from './runtime.ts';

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/** The routes of a service behind tracing, request ids and problem details. */
export function createApp(runtime: ServiceRuntime): RequestHandler {
  const app = express();
  app.disable('x-powered-by');
  // A path has one spelling, here as in the gateway.
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  const callers = new Callers(runtime);
  for (const route of runtime.definition.routes.toSorted(byPrecedence)) {
    app[VERBS[route.method]](route.path, routeHandler(route, runtime, callers));
  }
  app.use(notFound(app));
  app.use(failed(runtime));
  return (request, response) => void inRequestSpan(runtime, app, request, response);
}

/** A SERVER span from the request to the end of its response; it is named after the route once that is known. */
function inRequestSpan(
  { definition, telemetry }: ServiceRuntime,
  app: Express,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const parent = parseTraceparent(single(request.headers.traceparent), single(request.headers.tracestate));
  const { requestId } = openScope(request, response, definition.timeoutMs, (error) => {
    const { problem: late, headers } = problemOf(error);
    sendProblem(response, { ...late, requestId }, headers);
  });
  response.setHeader('x-request-id', requestId);
  const options = {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': method, 'url.path': pathOf(request), 'ebb.request_id': requestId },
    ...(parent && { parent }),
  };
  return inSpan(telemetry.tracer, method, options, async (span) => {
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      app(request as Request, response as Parameters<Express>[1]);
    });
    describeRequest(span, method, request as Request, response);
  });
}

/** Without the query, which may say who somebody is: traces are read by many, and are not erased. */
const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';

function describeRequest(span: Span, method: string, request: Request, response: ServerResponse): void {
  const route = routeOf(request);
  if (route !== undefined) {
    span.updateName(`${method} ${route}`);
    span.setAttribute('http.route', route);
  }
  span.setAttribute('http.response.status_code', response.statusCode);
  if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** `/orders/:id`; undefined when no route took the request. */
function routeOf(request: Request): string | undefined {
  const path = (request.route as { readonly path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : undefined;
}

const notFound =
  (app: Express): Middleware =>
  (request, response) => {
    const { requestId } = scopeOf(request);
    const allowed = allowedMethods(app, request.path);
    if (allowed.length === 0) {
      sendProblem(response, problem(404, `there is nothing at ${request.path}`, { requestId }));
      return;
    }
    const allow = allowed.join(', ');
    sendProblem(response, problem(405, `${request.path} takes ${allow}`, { requestId }), { allow });
  };

/** Express knows an error handler by its four parameters. */
const failed =
  ({ telemetry }: ServiceRuntime): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const { requestId } = scopeOf(request);
    const answer = problemOf(error);
    if (answer.problem.status >= 500) {
      telemetry.logger.error({ err: error, requestId, method: request.method, path: request.path }, 'request failed');
    }
    discardRest(request);
    sendProblem(response, { ...answer.problem, requestId }, answer.headers);
  };

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
