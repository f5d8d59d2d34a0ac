import type { ConfigOf, DurationString, Logger, Settings } from '@ebb/core';
import type { DataOf, EventDefinition } from '@ebb/events';
import type { Sql } from '@ebb/postgres';

import type { After, Cancel, Emit, Filter, Incoming, OneOf } from './event-types.ts';
import type { NoSettings } from './no-settings.ts';
import { definitionOf } from './validate.ts';

/** What a handler works with, besides its event. */
export interface FunctionContext<
  Emits extends readonly EventDefinition[] = readonly EventDefinition[],
  S extends Settings = Settings,
> {
  /** The service's schema, inside the transaction that also holds the inbox row and the emitted events. */
  readonly db: Sql;
  readonly emit: Emit<Emits>;
  readonly after: After<Emits>;
  readonly cancel: Cancel;
  /** Lines carry the function, the event's id and the trace. */
  readonly log: Logger;
  /** Aborted at the function's `timeout` (reason: TimeoutError). Pass it on to whatever can be cancelled. */
  readonly signal: AbortSignal;
  /** 1 on the first attempt. */
  readonly attempt: number;
  readonly traceId: string;
  readonly config: ConfigOf<S>;
}

/** How a failed event is tried again before it is parked. */
export interface RetryOptions {
  /** How often the handler may run before the event is parked. Default 8. */
  readonly attempts?: number;
  /** Default exponential: the n-th retry waits `delay · 2ⁿ`. */
  readonly backoff?: 'linear' | 'exponential';
  /** Default 200ms. */
  readonly delay?: DurationString;
}

export interface FunctionOptions<
  On extends EventDefinition | readonly EventDefinition[],
  Emits extends readonly EventDefinition[],
  S extends Settings,
> {
  /** The event, or events, that the function reacts to. */
  readonly on: On;
  /** Every event that the handler may emit. */
  readonly emits?: Emits;
  readonly filters?: readonly Filter[];
  /** After this the signal is aborted, the transaction rolled back and the event retried. Default 30s. */
  readonly timeout?: DurationString;
  /** How many events one process handles at the same time; ten times as many may wait. Default 10. */
  readonly concurrency?: number;
  /** Default ordered: events of one key are delivered one after the other. */
  readonly order?: 'ordered' | 'unordered';
  readonly retry?: RetryOptions;
  /** What makes two events the same besides source and id: the second with the same key is a duplicate. */
  readonly businessKey?: (data: DataOf<OneOf<On>>) => string;
  /** Settings that the handler reads from `config`; the service's environment must give them. */
  readonly settings?: S;
  readonly handle: (event: Incoming<OneOf<On>>, context: FunctionContext<Emits, S>) => Promise<void>;
}

/** An event of any type, as the runtime passes it to a handler. */
export type AnyIncoming = Incoming<EventDefinition>;

export interface FunctionDefinition<Name extends string = string> {
  readonly kind: 'function';
  readonly name: Name;
  readonly on: readonly EventDefinition[];
  readonly emits: readonly EventDefinition[];
  readonly filters: readonly Filter[];
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly order: 'ordered' | 'unordered';
  readonly retry: { readonly attempts: number; readonly backoff: 'linear' | 'exponential'; readonly delayMs: number };
  readonly settings: Settings;
  readonly businessKey: ((data: unknown) => string) | undefined;
  readonly handle: (event: AnyIncoming, context: FunctionContext) => Promise<void>;
}

const DEFAULTS = { timeout: '30s', concurrency: 10, attempts: 8, delay: '200ms' } as const;
const MAX_TIMEOUT_MS = 600_000;
const MAX_ATTEMPTS = 100;
const MAX_CONCURRENCY = 1_000;

/**
 * Defines a function: the events it reacts to, those it emits, and its handler.
 * @throws EbbError EBB_DEFINITION, naming the function and the field
 */
export function defineFunction<
  const Name extends string,
  const On extends EventDefinition | readonly EventDefinition[],
  const Emits extends readonly EventDefinition[] = readonly [],
  const S extends Settings = NoSettings,
>(name: Name, options: FunctionOptions<On, Emits, S>): FunctionDefinition<Name> {
  const check = definitionOf('function', name);
  check.name();
  const on: readonly EventDefinition[] = isList(options.on) ? options.on : [options.on];
  const emits = options.emits ?? [];
  check.that(on.length > 0, 'on', 'names no event');
  check.unique(
    'on',
    on.map(({ type }) => type),
  );
  check.unique(
    'emits',
    emits.map(({ type }) => type),
  );
  const { retry = {} } = options;
  return Object.freeze({
    kind: 'function',
    name,
    on,
    emits,
    filters: options.filters ?? [],
    timeoutMs: check.duration('timeout', options.timeout ?? DEFAULTS.timeout, { min: 1, max: MAX_TIMEOUT_MS }),
    concurrency: check.integer('concurrency', options.concurrency ?? DEFAULTS.concurrency, {
      min: 1,
      max: MAX_CONCURRENCY,
    }),
    order: check.oneOf('order', options.order ?? 'ordered', ['ordered', 'unordered'] as const),
    retry: {
      attempts: check.integer('retry.attempts', retry.attempts ?? DEFAULTS.attempts, { min: 1, max: MAX_ATTEMPTS }),
      backoff: check.oneOf('retry.backoff', retry.backoff ?? 'exponential', ['linear', 'exponential'] as const),
      delayMs: check.duration('retry.delay', retry.delay ?? DEFAULTS.delay, { min: 1, max: MAX_TIMEOUT_MS }),
    },
    settings: options.settings ?? {},
    // The runtime checks `type` and payload before it calls these, so the narrower parameters hold.
    businessKey: options.businessKey as FunctionDefinition['businessKey'],
    handle: options.handle as unknown as FunctionDefinition['handle'],
  } satisfies FunctionDefinition<Name>);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
