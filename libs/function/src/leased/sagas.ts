import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf, TerminalError } from '@ebb/core';
import type { LeasedDelivery } from '@ebb/postgres';

import { CompensationError } from './compensation-error.ts';
import { Saga } from './saga.ts';
import type { Steps } from './steps.ts';

export interface SagasOptions {
  readonly leased: LeasedDelivery;
  readonly steps: Steps;
  /** Ends the run with an error, whatever the handler makes of it. */
  readonly stop: (error: Error) => Error;
  /** Why the run ends, where something ended it. */
  readonly stopped: () => Error | undefined;
}

/** The sagas of one run. Which one a step stands in follows from where it is called, also when several run side by side. */
export class Sagas {
  readonly #options: SagasOptions;
  readonly #current = new AsyncLocalStorage<Saga>();

  constructor(options: SagasOptions) {
    this.#options = options;
  }

  get current(): Saga | undefined {
    return this.#current.getStore();
  }

  /** @throws TerminalError for a name that is taken, or that none can have */
  run<T>(ofHandler: string, body: () => Promise<T>): Promise<T> {
    const { steps } = this.#options;
    steps.assertName(ofHandler, 'saga');
    const name = `saga:${ofHandler}`;
    const outer = this.current;
    const saga = new Saga(outer, steps.remembered(name)?.error ?? undefined);
    outer?.inner(saga);
    const running = this.#run(name, saga, body);
    return outer ? outer.track(running) : running;
  }

  async #run<T>(name: string, saga: Saga, body: () => Promise<T>): Promise<T> {
    try {
      const value = await this.#current.run(saga, body);
      await saga.settled();
      if (saga.ownVerdict === undefined) return value;
      // The code has changed since; what was begun to be taken back stays so.
      throw new TerminalError(saga.ownVerdict);
    } catch (error) {
      await saga.settled();
      throw await this.#end(name, saga, error);
    }
  }

  /** What the saga ends with. Only a TerminalError is for the handler to deal with: all else is over with the next attempt, and not before. */
  async #end(name: string, saga: Saga, error: unknown): Promise<Error> {
    const { stop, stopped } = this.#options;
    const before = stopped();
    if (before !== undefined) return before;
    try {
      if (!(error instanceof TerminalError)) throw error;
      this.#assertKnown(saga);
      return await this.#takeBack(name, saga, error);
    } catch (failure) {
      return stop(failure instanceof Error ? failure : new Error(messageOf(failure), { cause: failure }));
    }
  }

  /** While nobody knows whether a step took effect, nobody can take it back: the next run finds out first. */
  #assertKnown(saga: Saga): void {
    const { steps } = this.#options.leased;
    const unknown = saga.failures().find(([step]) => steps.get(step)?.state === 'intent');
    if (unknown) throw unknown[1];
  }

  /**
   * That the saga is taken back, and which of its steps, is written down before anything is. From then on it stays so, also when a later run gets
   * further than this one did. Resolves to the error for the saga's caller.
   */
  async #takeBack(name: string, saga: Saga, error: TerminalError): Promise<TerminalError> {
    const { leased } = this.#options;
    const verdict = saga.verdict ?? error.message;
    if (saga.ownVerdict === undefined) {
      const output = saga.compensations().map(({ step }) => step);
      await leased.steps.write(name, { state: 'failed', error: verdict, output });
      saga.decide(verdict);
    }
    await this.#compensate(saga, leased.steps.get(name)?.output as readonly string[]);
    saga.close();
    return verdict === error.message ? error : new TerminalError(verdict, { cause: error });
  }

  async #compensate(saga: Saga, names: readonly string[]): Promise<void> {
    const byStep = new Map(saga.compensations().map(({ step, run }) => [step, run]));
    for (const step of [...names].reverse()) {
      const missing = (): Promise<never> =>
        Promise.reject(
          new TerminalError('this run did not come by it: was the step renamed, or the way to it changed?'),
        );
      try {
        await this.#options.steps.perform(`undo:${step}`, byStep.get(step) ?? missing, { onFailed: 'forget' });
      } catch (error) {
        throw error instanceof TerminalError ? new CompensationError(step, error) : error;
      }
    }
  }
}
