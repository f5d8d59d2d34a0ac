import type { ConfigOf, DurationString, Logger, Settings } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';
import type { Sql } from '@ebb/postgres';

import type { After, Cancel, Emit, Incoming } from './event-types.ts';

/** What a step's effect, its verification and its compensation are given. */
export interface StepCall {
  /** The same at each attempt of this step of this event: hand it to the other side as its idempotency key. */
  readonly key: string;
  /** Aborted when the handler's time is over, or its lease was lost. */
  readonly signal: AbortSignal;
}

/** What a verification found out about an effect whose answer was lost. */
export type Verified<T> = { readonly done: true; readonly output: T } | { readonly done: false };

/** A dependency outside that all processes of the service leave alone for a while when it fails. */
export interface CircuitOptions {
  /** Names the dependency, such as `payment-provider`; steps with one name share their circuit. */
  readonly name: string;
  /** Failures in a row after which it opens. Default 5. */
  readonly failures?: number;
  /** How long nobody calls; then one caller tries. Default 30s. */
  readonly openFor?: DurationString;
}

export interface StepOptions<T> {
  /**
   * What to do when the step was begun before and nobody knows whether its effect happened: do it again (safe where the other side honours the
   * key), park the event for a person, or ask the other side. Default `retry`.
   */
  readonly onUnknown?: 'retry' | 'park' | 'verify';
  /** Asks the other side whether the effect happened; needed with `onUnknown: 'verify'`. */
  readonly verify?: (call: StepCall) => Promise<Verified<T>>;
  /** Takes the effect back, when the saga that the step stands in fails. */
  readonly compensate?: (output: T, call: StepCall) => Promise<void>;
  readonly circuit?: CircuitOptions;
}

/** What runs inside one transaction of a leased function. */
export interface LeasedTransaction<Emits extends readonly EventDefinition[] = readonly EventDefinition[]> {
  readonly db: Sql;
  readonly emit: Emit<Emits>;
  readonly after: After<Emits>;
  readonly cancel: Cancel;
}

export interface WaitOptions {
  /** The key of the event that is waited for: what its definition's `key` gives. */
  readonly key: string;
  readonly timeout: DurationString;
}

/**
 * What the handler of a leased function works with. The handler runs again from the start after a crash, a failure or a wait; what its steps gave is
 * remembered by their names, so their names and the way that leads to them must follow from the event and from what earlier steps gave.
 */
export interface LeasedContext<
  Emits extends readonly EventDefinition[] = readonly EventDefinition[],
  Waits extends readonly EventDefinition[] = readonly EventDefinition[],
  S extends Settings = Settings,
> {
  /**
   * An effect outside. Its intent is written down before, its output (anything that JSON carries) after it; a run that comes again gets the output
   * without doing it again. An effect that throws TerminalError or RetryableError says that it did not happen; after anything else nobody knows.
   * @throws TerminalError of the effect, the same at each run
   */
  readonly step: <T>(name: string, effect: (call: StepCall) => Promise<T>, options?: StepOptions<T>) => Promise<T>;
  /** A step in the service's own schema: rows, events and output are committed together, by the holder of the lease only. */
  readonly transaction: <T>(
    name: string,
    run: (tx: LeasedTransaction<Emits>) => Promise<T>,
    options?: Pick<StepOptions<T>, 'compensate'>,
  ) => Promise<T>;
  /** Goes on after a time. No process waits: the handler ends here, and comes back to this place when it is woken. */
  readonly sleep: (name: string, duration: DurationString) => Promise<void>;
  /**
   * Goes on when an event that `waitsFor` lists came for the key, before or after this call; gives undefined when the time is over. Each event is
   * given to one wait. As with `sleep`, no process waits.
   */
  readonly waitFor: <E extends Waits[number]>(
    name: string,
    definition: E,
    options: WaitOptions,
  ) => Promise<Incoming<E> | undefined>;
  /**
   * Runs steps that belong together: when one fails for good (TerminalError), the compensations of those before it run in reverse, each a step of its
   * own, and the error goes on to the caller. That it is taken back is remembered by its name.
   */
  readonly saga: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  /** Committed together with the end of the handler. */
  readonly emit: Emit<Emits>;
  readonly after: After<Emits>;
  readonly cancel: Cancel;
  /** Lines carry the function, the event's id and the trace. */
  readonly log: Logger;
  /** Aborted at the function's `timeout`, or when the lease was lost. */
  readonly signal: AbortSignal;
  /** 1 on the first attempt; being woken is none. */
  readonly attempt: number;
  readonly traceId: string;
  readonly config: ConfigOf<S>;
}
