import type { Request } from 'express';

import type { RouteContext, RouteDefinition, RouteTransaction } from '../definition/routes.ts';
import { missingDatabase, noDatabaseError } from './database.ts';
import { Emitter } from './emitter.ts';
import { scopeOf } from './request-scope.ts';
import type { ServiceRuntime } from './runtime.ts';

/** What the routes of one definition work with. */
export function routeContext(routes: RouteDefinition, runtime: ServiceRuntime): RouteContext {
  const { definition, database, telemetry, config } = runtime;
  return {
    db: database?.db ?? missingDatabase(definition.name),
    log: telemetry.logger,
    config,
    transaction: (request, run) => inTransaction(routes, runtime, request, run),
  };
}

/** One transaction for the route's SQL and its events; run again from the start when PostgreSQL asks for it. */
function inTransaction<T>(
  routes: RouteDefinition,
  { definition, database, telemetry }: ServiceRuntime,
  request: Request,
  run: (tx: RouteTransaction) => Promise<T>,
): Promise<T> {
  if (!database) return Promise.reject(noDatabaseError(definition.name));
  const { requestId, signal } = scopeOf(request);
  const log = telemetry.logger.child({ requestId });
  return database.transaction(
    async (tx) => {
      const emitter = new Emitter({
        service: definition.name,
        emits: routes.emits,
        tracer: telemetry.tracer,
        correlationId: requestId,
      });
      const { emit, after, cancel } = emitter;
      const result = await run({ db: tx.db, emit, after, cancel, log, signal });
      await emitter.writeTo(tx);
      return result;
    },
    { signal, timeoutMs: definition.timeoutMs },
  );
}
