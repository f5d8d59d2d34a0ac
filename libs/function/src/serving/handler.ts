import type { IncomingMessage, ServerResponse } from 'node:http';

import { problem, type Secret } from '@ebb/core';
import type { Database, OnCrashPoint } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { ServiceDefinition } from '../definition/service.ts';
import { DryRuns, isDryRun } from './dry-runs.ts';
import { EventEndpoint, FUNCTIONS_PREFIX, SCHEDULES_PREFIX } from './event-endpoint.ts';
import { answerHealth, HEALTH_PREFIX } from './health.ts';
import { problemOf, sendProblem } from './problems.ts';
import { discardRest } from './refused-body.ts';
import { RoutesEndpoint } from './routes-endpoint.ts';
import type { OnRoute, ServiceRuntime } from './runtime.ts';
import { functionOf } from './schedule-function.ts';

export interface HandlerDependencies {
  readonly telemetry: Telemetry;
  /** Needed by a service whose definition has a database. */
  readonly database?: Database;
  /** The values of the service's settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What `/healthz/ready` says; default true. */
  readonly isReady?: () => boolean;
  /** Whoever has it may ask for dry runs; without one nobody may. */
  readonly controlToken?: Secret;
  /** The JWK Set that says whose word on callers is believed (EBB_IDENTITY_KEYS). */
  readonly identityKeys?: string;
  /** For tests that hold answers against what their route promises. Default: nobody looks. */
  readonly onRoute?: OnRoute;
  /** For tests of what becomes of a delivery whose process dies on the way. Default: nobody looks. */
  readonly onPoint?: OnCrashPoint;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const ALWAYS = (): boolean => true;

/** The service as an HTTP request listener, without a socket. */
export function createHandler(
  definition: ServiceDefinition,
  { database, config = {}, isReady = ALWAYS, controlToken, ...others }: HandlerDependencies,
): RequestHandler {
  const runtime: ServiceRuntime = { definition, database, config, ...others };
  const { functions, schedules } = definition;
  const events = new EventEndpoint('function', new Map(functions.map((fn) => [fn.name, fn])), runtime);
  const pings = new EventEndpoint('schedule', new Map(schedules.map((each) => [each.name, functionOf(each)])), runtime);
  const dryRuns = new DryRuns(runtime, controlToken);
  const routes = definition.routes.length > 0 ? new RoutesEndpoint(runtime) : undefined;

  const whyNotReady = () => (isReady() ? undefined : 'the process is stopping');

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request.url ?? '/');
    if (path.startsWith(FUNCTIONS_PREFIX)) {
      const endpoint = isDryRun(request) ? dryRuns : events;
      await endpoint.handle(path.slice(FUNCTIONS_PREFIX.length), request, response);
    } else if (path.startsWith(SCHEDULES_PREFIX) && schedules.length > 0)
      await pings.handle(path.slice(SCHEDULES_PREFIX.length), request, response);
    else if (path.startsWith(HEALTH_PREFIX))
      answerHealth(path.slice(HEALTH_PREFIX.length), request, response, whyNotReady);
    else if (routes) await routes.handle(request, response);
    else sendProblem(response, problem(404, `there is nothing at ${path}`));
  };

  return (request, response) => {
    handle(request, response).catch((error: unknown) => answerError(runtime, error, request, response));
  };
}

function answerError(
  { telemetry }: ServiceRuntime,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // The client went away in the middle of its request: there is nobody to answer.
  if (response.destroyed) return;
  const answer = problemOf(error);
  if (answer.problem.status === 500) {
    telemetry.logger.error({ err: error, method: request.method, path: pathOf(request.url ?? '/') }, 'request failed');
  }
  discardRest(request);
  sendProblem(response, answer.problem, answer.headers);
}

/** The path of a request target, which a proxy may send in absolute form (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  const from = target.startsWith('/') ? 0 : Math.max(0, target.indexOf('/', target.indexOf('://') + 3));
  const to = target.indexOf('?', from);
  return target.slice(from, to === -1 ? undefined : to);
}
