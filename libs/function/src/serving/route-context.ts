import type { Logger } from '@ebb/core';

import type { RouteContext, RouteTransaction } from '../definition/route-options.ts';
import type { RouteDefinition } from '../definition/route.ts';
import { missingDatabase, noDatabaseError } from './database.ts';
import { Emitter } from './emitter.ts';
import type { RequestScope } from './request-scope.ts';
import { lazily, type ServiceRuntime } from './runtime.ts';

/** What a route's handler works with, for one request. */
export function routeContext(route: RouteDefinition, runtime: ServiceRuntime, scope: RequestScope): RouteContext {
  const { definition, database, telemetry, config } = runtime;
  const { requestId, signal } = scope;
  const log = lazily(() => telemetry.logger.child({ requestId }));
  return {
    db: database?.db ?? missingDatabase(definition.name),
    config,
    signal,
    transaction: (run) => inTransaction(route, runtime, scope, log(), run),
    get log() {
      return log();
    },
  };
}

/** One transaction for the route's SQL and its events; run again from the start when PostgreSQL asks for it. */
function inTransaction<T>(
  { emits, timeoutMs }: RouteDefinition,
  { definition, database, telemetry }: ServiceRuntime,
  { requestId, signal }: RequestScope,
  log: Logger,
  run: (tx: RouteTransaction) => Promise<T>,
): Promise<T> {
  if (!database) return Promise.reject(noDatabaseError(definition.name));
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
    { signal, timeoutMs: timeoutMs ?? definition.timeoutMs },
  );
}
