import type { CloudEvent } from '@ebb/events';
import type { FunctionDefinition } from '@ebb/function';
import type { Sql } from '@ebb/postgres';
import { loadRuntime } from './runtime.ts';
import { testService, type Delivery, type TestServiceOptions } from './test-service.ts';

/** One function in this process, with a database of its own where it needs one, and no sockets. */
export interface TestFunction {
  /** Delivers an event to it as a broker does. */
  deliver(event: CloudEvent): Promise<Delivery>;
  /** The service's schema. */
  readonly db: Sql;
  /** Removes the database. @throws EbbError EBB_RUNTIME when a connection was left open */
  close(): Promise<void>;
}

/**
 * Sets a function up for a test, exactly as it is served. It gets a database when `migrations` says which tables,
 * or when it emits events, which go through the outbox; else it runs without one.
 */
export async function testFunction(fn: FunctionDefinition, options: TestServiceOptions = {}): Promise<TestFunction> {
  const { migrations } = options;
  const needsDatabase = migrations !== undefined || fn.emits.length > 0;
  const { defineService } = await loadRuntime();
  const definition = defineService('test', {
    functions: [fn],
    ...(needsDatabase && { database: { migrations: 'migrations' } }),
    settings: fn.settings,
  });
  const service = await testService(definition, options);
  return {
    deliver: (event) => service.deliver(fn.name, event),
    get db() {
      return service.db;
    },
    close: () => service.close(),
  };
}
