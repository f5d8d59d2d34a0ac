import type { ConfigOf, DurationString, Logger, Settings } from '@ebb/core';
import type { DataOf, EventDefinition } from '@ebb/events';
import type { Sql } from '@ebb/postgres';

import type { After, Cancel, Emit, Filter, Incoming, OneOf } from './event-types.ts';
import type { LeasedContext } from './leased.ts';
import type { NoSettings } from './no-settings.ts';
import { definitionOf, type DefinitionChecks } from './validate.ts';

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

interface CommonOptions<
  On extends EventDefinition | readonly EventDefinition[],
  Emits extends readonly EventDefinition[],
  S extends Settings,
> {
  /** The event, or events, that the function reacts to. */
  readonly on: On;
  /** Every event that the handler may emit. */
  readonly emits?: Emits;
  readonly filters?: readonly Filter[];
  /** After this the signal is aborted, what is not committed rolled back, and the event retried. Default 30s. */
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
}

export interface FunctionOptions<
  On extends EventDefinition | readonly EventDefinition[],
  Emits extends readonly EventDefinition[],
  S extends Settings,
> extends CommonOptions<On, Emits, S> {
  /** The handler runs inside one transaction: the default. */
  readonly mode?: 'transactional';
  /** Only a leased function has a lease, and waits. */
  readonly lease?: never;
  readonly waitsFor?: never;
  readonly handle: (event: Incoming<OneOf<On>>, context: FunctionContext<Emits, S>) => Promise<void>;
}

export interface LeasedFunctionOptions<
  On extends EventDefinition | readonly EventDefinition[],
  Emits extends readonly EventDefinition[],
  Waits extends readonly EventDefinition[],
  S extends Settings,
> extends CommonOptions<On, Emits, S> {
  /** For calls to the outside and long work: a lease says who is at work, no transaction stays open, steps are remembered. */
  readonly mode: 'leased';
  /** How long nobody else takes an event over whose process has died. Longer than `timeout`; default 15s longer. */
  readonly lease?: DurationString;
  /** Events that the handler may wait for; they lead to this function, too. */
  readonly waitsFor?: Waits;
  readonly handle: (event: Incoming<OneOf<On>>, context: LeasedContext<Emits, Waits, S>) => Promise<void>;
}

/** An event of any type, as the runtime passes it to a handler. */
export type AnyIncoming = Incoming<EventDefinition>;

/** Every event that is delivered to a function. */
export function takenBy(fn: FunctionDefinition): readonly EventDefinition[] {
  return fn.mode === 'leased' ? [...fn.on, ...fn.waitsFor] : fn.on;
}

interface CommonDefinition<Name extends string> {
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
}

export interface TransactionalFunctionDefinition<Name extends string = string> extends CommonDefinition<Name> {
  readonly mode: 'transactional';
  readonly handle: (event: AnyIncoming, context: FunctionContext) => Promise<void>;
}

export interface LeasedFunctionDefinition<Name extends string = string> extends CommonDefinition<Name> {
  readonly mode: 'leased';
  readonly leaseMs: number;
  readonly waitsFor: readonly EventDefinition[];
  readonly handle: (event: AnyIncoming, context: LeasedContext) => Promise<void>;
}

export type FunctionDefinition<Name extends string = string> =
  TransactionalFunctionDefinition<Name> | LeasedFunctionDefinition<Name>;

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
  const Waits extends readonly EventDefinition[] = readonly [],
  const S extends Settings = NoSettings,
>(
  name: Name,
  options: FunctionOptions<On, Emits, S> | LeasedFunctionOptions<On, Emits, Waits, S>,
): FunctionDefinition<Name> {
  const check = definitionOf('function', name);
  check.name();
  const common = commonOf(check, name, options);
  if (options.mode !== 'leased') {
    // The runtime checks `type` and payload before it calls a handler, so its narrower parameters hold.
    const handle = options.handle as unknown as TransactionalFunctionDefinition['handle'];
    return Object.freeze({ ...common, mode: 'transactional', handle });
  }
  const handle = options.handle as unknown as LeasedFunctionDefinition['handle'];
  return Object.freeze({ ...common, mode: 'leased', handle, ...leaseOf(check, common, options) });
}

function commonOf<Name extends string>(
  check: DefinitionChecks,
  name: Name,
  options: Omit<
    CommonOptions<EventDefinition | readonly EventDefinition[], readonly EventDefinition[], Settings>,
    'businessKey'
  >,
): CommonDefinition<Name> {
  const on: readonly EventDefinition[] = isList(options.on) ? options.on : [options.on];
  const emits = options.emits ?? [];
  check.that(on.length > 0, 'on', 'names no event');
  check.unique('on', typesOf(on));
  check.unique('emits', typesOf(emits));
  const { retry = {} } = options;
  return {
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
    businessKey: (options as { businessKey?: CommonDefinition<Name>['businessKey'] }).businessKey,
  };
}

/** What a takeover must wait for on top of the handler's own time. */
const LEASE_SLACK_MS = 15_000;

function leaseOf(
  check: DefinitionChecks,
  { on, timeoutMs }: CommonDefinition<string>,
  { lease, waitsFor = [] }: { readonly lease?: DurationString; readonly waitsFor?: readonly EventDefinition[] },
): Pick<LeasedFunctionDefinition, 'leaseMs' | 'waitsFor'> {
  check.unique('waitsFor', typesOf([...on, ...waitsFor]));
  const leaseMs =
    lease === undefined ? timeoutMs + LEASE_SLACK_MS : check.duration('lease', lease, { min: 1, max: MAX_TIMEOUT_MS });
  const rule = 'handler timeout < lease, so that nobody takes over what is still at work';
  check.that(
    timeoutMs < leaseMs,
    'lease',
    `of ${leaseMs} ms is not longer than the timeout of ${timeoutMs} ms (${rule})`,
  );
  return { leaseMs, waitsFor };
}

const typesOf = (events: readonly EventDefinition[]): readonly string[] => events.map(({ type }) => type);

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
