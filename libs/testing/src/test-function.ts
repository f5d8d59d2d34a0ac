import type { CloudEvent } from '@ebb/events';
import type { FunctionDefinition } from '@ebb/function';
import type { CrashPoint } from '@ebb/postgres';
import type { CrashOptions } from './crash/crashes.ts';
import type { Delivery } from './delivery.ts';
import { loadRuntime } from './runtime.ts';
import { serviceOf } from './service-of.ts';
import { assemble, serviceOfParts, type TestService, type TestServiceOptions } from './test-service.ts';

type OfService = 'deliver' | 'deliverBatch' | 'deliverTwice' | 'stepOutcomeUnknown' | 'crashAt' | 'request';

/** One function in this process, with a database of its own where it needs one, and no sockets. */
export interface TestFunction extends Omit<TestService, OfService> {
  /** Delivers an event to it as a broker does, once; and what that sets off at once. */
  deliver(event: CloudEvent): Promise<Delivery>;
  /** As that of {@link TestService}. */
  deliverBatch(events: readonly CloudEvent[]): Promise<readonly Delivery[]>;
  /** As that of {@link TestService}. */
  deliverTwice(event: CloudEvent, options?: { concurrently?: boolean }): Promise<readonly [Delivery, Delivery]>;
  /** As that of {@link TestService}. */
  stepOutcomeUnknown(step: string, event: CloudEvent): Promise<Delivery>;
  /** As that of {@link TestService}; with an event instead of what to do, delivers it. */
  crashAt(point: CrashPoint, event: CloudEvent, options?: CrashOptions): Promise<Delivery>;
  crashAt<T>(point: CrashPoint, run: () => Promise<T>, options?: CrashOptions): Promise<T>;
}

/**
 * Sets a function up for a test, exactly as it is served. It gets a database when `migrations` says which tables,
 * when it emits events, which go through the outbox, or when it is leased; else it runs without one.
 */
export async function testFunction(fn: FunctionDefinition, options: TestServiceOptions = {}): Promise<TestFunction> {
  const { name } = fn;
  const definition = serviceOf(await loadRuntime(), fn, options.migrations !== undefined);
  const parts = await assemble(definition, { kind: 'function', name }, options);
  const service = serviceOfParts(definition, parts);
  const deliver = (event: CloudEvent): Promise<Delivery> => service.deliver(name, event);
  const crashAt = <T>(point: CrashPoint, what: CloudEvent | (() => Promise<T>), crash?: CrashOptions) =>
    service.crashAt<T | Delivery>(point, typeof what === 'function' ? what : () => deliver(what), crash);
  return {
    deliver,
    deliverBatch: (events) => service.deliverBatch(name, events),
    deliverTwice: (event, twice) => service.deliverTwice(name, event, twice),
    stepOutcomeUnknown: (step, event) => service.stepOutcomeUnknown(name, step, event),
    crashAt: crashAt,
    holdAt: (point, options) => service.holdAt(point, options),
    advance: (duration) => service.advance(duration),
    redrive: (parked) => service.redrive(parked),
    state: () => service.state(),
    close: () => service.close(),
    get db() {
      return service.db;
    },
  };
}
