import type { Request } from 'express';

import type { RouteContext, RouteTransaction } from '../definition/route-options.ts';
import type { RouteDefinition } from '../definition/route.ts';
import type { RoutesContext, RoutesDefinition } from '../definition/routes.ts';
import { missingDatabase, noDatabaseError } from './database.ts';
import { Emitter } from './emitter.ts';
import { scopeOf } from './request-scope.ts';
import { lazily, type ServiceRuntime } from './runtime.ts';

/** What the routes of one definition work with. */
export function routesContext(routes: RoutesDefinition, runtime: ServiceRuntime): RoutesContext {
  const { definition, database, telemetry, config } = runtime;
  return {
    db: database?.db ?? missingDatabase(definition.name),
    log: telemetry.logger,
    config,
    transaction: (request, run) => inTransaction(routes, runtime, request, definition.timeoutMs, run),
  };
}

/** What a route's handler works with, for one request. */
export function routeContext(route: RouteDefinition, runtime: ServiceRuntime, request: Request): RouteContext {
  const { definition, database, telemetry, config } = runtime;
  const { requestId, signal } = scopeOf(request);
  const log = lazily(() => telemetry.logger.child({ requestId }));
  return {
    db: database?.db ?? missingDatabase(definition.name),
    config,
    signal,
    transaction: (run) => inTransaction(route, runtime, request, route.timeoutMs ?? definition.timeoutMs, run),
    get log() {
      return log();
    },
  };
}

/** One transaction for the route's SQL and its events; run again from the start when PostgreSQL asks for it. */
function inTransaction<T>(
  { emits }: Pick<RouteDefinition, 'emits'>,
  { definition, database, telemetry }: ServiceRuntime,
  request: Request,
  timeoutMs: number,
  run: (tx: RouteTransaction) => Promise<T>,
): Promise<T> {
  if (!database) return Promise.reject(noDatabaseError(definition.name));
  const { requestId, signal } = scopeOf(request);
  const log = telemetry.logger.child({ requestId });
  return database.transaction(
    async (tx) => {
      const emitter = new Emitter({
        service: definition.name,
        emits,
        tracer: telemetry.tracer,
        correlationId: requestId,
      });
      const { emit, after, cancel } = emitter;
      const result = await run({ db: tx.db, emit, after, cancel, log, signal });
      await emitter.writeTo(tx);
      return result;
    },
    { signal, timeoutMs },
  );
}
