import { durationMs, TerminalError, type DurationString } from '@ebb/core';
import type { CloudEvent, EventDefinition } from '@ebb/events';
import type { LeasedDelivery, Transaction } from '@ebb/postgres';

import type { Incoming } from '../definition/event-types.ts';
import type { AnyIncoming, LeasedFunctionDefinition } from '../definition/function.ts';
import type { LeasedContext, LeasedTransaction, StepOptions, WaitOptions } from '../definition/leased.ts';
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
  #suspended: Suspended | undefined;

  constructor(options: LeasedRunOptions) {
    this.#options = options;
    this.#sagas = new Sagas(options.leased, options.steps);
  }

  /** Resolves to whether the handler came to its end, or waits. */
  async handle(event: AnyIncoming): Promise<'done' | 'waiting'> {
    const { definition } = this.#options;
    try {
      await definition.handle(event, this.#context());
    } catch (error) {
      if (this.#suspended) return 'waiting';
      throw error;
    }
    return this.#suspended ? 'waiting' : 'done';
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
        this.#step(name, () => this.#options.steps.perform(name, effect, options), options),
      transaction: (name, run, options) => this.#step(name, () => this.#transaction(name, run), options),
      sleep: (name, duration) => this.#sleep(name, duration),
      waitFor: (name, definition, options) => this.#waitFor(name, definition, options),
      saga: (body) => this.#sagas.run(body),
    };
  }

  async #step<T>(name: string, perform: () => Promise<T>, { compensate }: StepOptions<T> = {}): Promise<T> {
    this.#assertAwake();
    const output = await perform();
    if (compensate) this.#sagas.add({ step: name, run: (call) => compensate(output, call) });
    return output;
  }

  async #transaction<T>(name: string, run: (tx: LeasedTransaction) => Promise<T>): Promise<T> {
    const { leased, steps, emitterOf } = this.#options;
    const known = steps.remembered(name);
    if (known?.state === 'done') return known.output as T;
    return leased.transaction(name, async (tx: Transaction) => {
      const emitter = emitterOf(name);
      const { emit, after, cancel } = emitter;
      const output = outputOf(name, await run({ db: tx.db, emit, after, cancel }));
      await emitter.writeTo(tx);
      return output;
    });
  }

  async #sleep(name: string, duration: DurationString): Promise<void> {
    this.#assertAwake();
    const { leased, steps } = this.#options;
    if (steps.remembered(name)?.state === 'done') return;
    if (!(await leased.sleep(name, waitMs(name, duration)))) throw this.#suspend(name);
  }

  async #waitFor<E extends EventDefinition>(
    name: string,
    definition: E,
    { key, timeout }: WaitOptions,
  ): Promise<Incoming<E> | undefined> {
    this.#assertAwake();
    const { leased, steps, definition: fn } = this.#options;
    const { type } = definition;
    if (!fn.waitsFor.includes(definition))
      throw new TerminalError(`cannot wait for ${type}: "waitsFor" does not list it`);
    const known = steps.remembered(name);
    if (known?.state === 'done') return incoming(definition, known.output as CloudEvent | null);
    const end = await leased.waitFor(name, { fn: fn.name, type, key }, waitMs(name, timeout));
    if (end.as === 'suspended') throw this.#suspend(name);
    return incoming(definition, end.as === 'came' ? end.event : null);
  }

  #suspend(name: string): Suspended {
    return (this.#suspended = new Suspended(name));
  }

  /** The lease was given back: a handler that goes on in spite of it must not get anywhere. */
  #assertAwake(): void {
    if (this.#suspended) throw this.#suspended;
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
