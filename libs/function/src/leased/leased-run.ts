import { durationMs, TerminalError, type DurationString } from '@ebb/core';
import type { CloudEvent, EventDefinition } from '@ebb/events';
import type { LeasedDelivery, Transaction } from '@ebb/postgres';

import type { Incoming } from '../definition/event-types.ts';
import type { AnyIncoming, LeasedFunctionDefinition } from '../definition/function.ts';
import type { LeasedContext, LeasedTransaction, StepCall, WaitOptions } from '../definition/leased.ts';
import type { Emitter } from '../serving/emitter.ts';
import { Sagas } from './sagas.ts';
import { outputOf } from './step-output.ts';
import type { Steps } from './steps.ts';
import { Suspended } from './suspended.ts';

const MAX_WAIT_MS = 3_650 * 86_400_000;

export interface LeasedRunOptions {
  readonly definition: LeasedFunctionDefinition;
  readonly leased: LeasedDelivery;
  readonly steps: Steps;
  /** Collects what is committed with the end of the handler. */
  readonly emitter: Emitter;
  /** An emitter for a transaction of its own, whose ids follow from the step's name. */
  readonly emitterOf: (step: string) => Emitter;
  readonly signal: AbortSignal;
  /** What a context has besides what this run gives it. */
  readonly common: Pick<LeasedContext, 'log' | 'traceId' | 'config'>;
}

/** One run of a leased function's handler, from the claim to its end or its next wait. */
export class LeasedRun {
  readonly #options: LeasedRunOptions;
  readonly #sagas: Sagas;
  /** What ended the run, whatever the handler makes of it. */
  #stopped: Error | undefined;

  constructor(options: LeasedRunOptions) {
    this.#options = options;
    const { leased, steps } = options;
    this.#sagas = new Sagas({
      leased,
      steps,
      stop: (error) => this.#stop(error),
      stopped: () => this.#stopped,
    });
  }

  /** Resolves to whether the handler came to its end, or waits. */
  async handle(event: AnyIncoming): Promise<'done' | 'waiting'> {
    const { definition } = this.#options;
    try {
      await definition.handle(event, this.#context());
    } catch (error) {
      if (!this.#stopped) throw error;
    }
    if (!this.#stopped) return 'done';
    if (this.#stopped instanceof Suspended) return 'waiting';
    throw this.#stopped;
  }

  #context(): LeasedContext {
    const { leased, emitter, signal, common } = this.#options;
    return {
      // Made when it is first used.
      get log() {
        return common.log;
      },
      signal,
      traceId: common.traceId,
      config: common.config,
      attempt: leased.attempt,
      emit: emitter.emit,
      after: emitter.after,
      cancel: emitter.cancel,
      step: (name, effect, options) =>
        this.#step(name, () => this.#options.steps.perform(name, effect, options), options?.compensate),
      transaction: (name, run, options) => this.#step(name, () => this.#transaction(name, run), options?.compensate),
      sleep: (name, duration) => this.#wait(name, () => this.#sleep(name, duration)),
      waitFor: (name, definition, options) => this.#wait(name, () => this.#waitFor(name, definition, options)),
      saga: async (name, body) => {
        this.#assertGoing();
        return this.#sagas.run(name, body);
      },
    };
  }

  async #step<T>(
    name: string,
    perform: () => Promise<T>,
    compensate: ((output: T, call: StepCall) => Promise<void>) | undefined,
  ): Promise<T> {
    this.#assertGoing(name);
    const saga = this.#sagas.current;
    return saga ? saga.step({ name, known: this.#options.leased.steps.get(name), perform, compensate }) : perform();
  }

  async #wait<T>(name: string, perform: () => Promise<T>): Promise<T> {
    this.#assertGoing(name);
    const saga = this.#sagas.current;
    if (!saga) return perform();
    saga.assertGoing(this.#options.leased.steps.get(name)?.state === 'done');
    return saga.track(perform());
  }

  async #transaction<T>(name: string, run: (tx: LeasedTransaction) => Promise<T>): Promise<T> {
    const { leased, steps, emitterOf, signal } = this.#options;
    const known = steps.remembered(name);
    if (known?.state === 'done') return known.output as T;
    const note = async (tx: Transaction): Promise<T> => {
      // Made anew when PostgreSQL turns the transaction back.
      const emitter = emitterOf(name);
      const { emit, after, cancel } = emitter;
      const output = outputOf(name, await run({ db: tx.db, emit, after, cancel }));
      await emitter.writeTo(tx);
      return output;
    };
    return leased.transaction(name, note, signal);
  }

  async #sleep(name: string, duration: DurationString): Promise<void> {
    const { leased, steps, signal } = this.#options;
    if (steps.remembered(name)?.state === 'done') return;
    if (!(await leased.sleep(name, waitMs(name, duration), signal))) throw this.#suspend(name);
  }

  async #waitFor<E extends EventDefinition>(
    name: string,
    definition: E,
    { key, timeout }: WaitOptions,
  ): Promise<Incoming<E> | undefined> {
    const { leased, steps, definition: fn, signal } = this.#options;
    const { type } = definition;
    if (!fn.waitsFor.includes(definition))
      throw new TerminalError(`cannot wait for ${type}: "waitsFor" does not list it`);
    const known = steps.remembered(name);
    if (known?.state === 'done') return incoming(definition, known.output as CloudEvent | null);
    const end = await leased.waitFor(name, { fn: fn.name, type, key }, waitMs(name, timeout), signal);
    if (end.as === 'suspended') throw this.#suspend(name);
    return incoming(definition, end.as === 'came' ? end.event : null);
  }

  #suspend(name: string): Error {
    return this.#stop(new Suspended(name));
  }

  #stop(error: Error): Error {
    this.#stopped ??= error;
    return error;
  }

  /** A handler that goes on although it must not (the lease was given back, its time is over) does not get anywhere. */
  #assertGoing(name?: string): void {
    if (this.#stopped) throw this.#stopped;
    this.#options.signal.throwIfAborted();
    if (name !== undefined) this.#options.steps.assertName(name);
  }
}

function incoming<E extends EventDefinition>(definition: E, event: CloudEvent | null): Incoming<E> | undefined {
  if (!event) return undefined;
  return { type: event.type, data: definition.parse(event.data), event } as unknown as Incoming<E>;
}

/** @throws TerminalError: the next attempt would ask for the same */
function waitMs(name: string, duration: DurationString): number {
  const ms = durationMs(duration);
  if (ms <= MAX_WAIT_MS) return ms;
  throw new TerminalError(`"${name}" cannot wait for ${duration}: at most ${MAX_WAIT_MS / 86_400_000} days`);
}
