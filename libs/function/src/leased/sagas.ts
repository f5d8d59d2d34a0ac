import { TerminalError } from '@ebb/core';
import type { LeasedDelivery } from '@ebb/postgres';

import type { StepCall } from '../definition/leased.ts';
import type { Steps } from './steps.ts';

/** How a step that took effect is taken back. */
export interface Compensation {
  readonly step: string;
  readonly run: (call: StepCall) => Promise<void>;
}

/** The sagas of one run: which steps took effect in them, and how they are taken back. */
export class Sagas {
  readonly #leased: LeasedDelivery;
  readonly #steps: Steps;
  readonly #open: Compensation[][] = [];
  #begun = 0;

  constructor(leased: LeasedDelivery, steps: Steps) {
    this.#leased = leased;
    this.#steps = steps;
  }

  /** A step took effect; outside of a saga nobody takes it back. */
  add(compensation: Compensation): void {
    this.#open.at(-1)?.push(compensation);
  }

  async run<T>(body: () => Promise<T>): Promise<T> {
    this.#begun += 1;
    const name = `saga ${this.#begun}`;
    const compensations: Compensation[] = [];
    this.#open.push(compensations);
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      throw await this.#compensate(name, compensations, error);
    } finally {
      this.#open.splice(this.#open.indexOf(compensations), 1);
    }
  }

  /**
   * That the saga failed is written down before anything is taken back: from then on it stays so, also when a later run gets further than
   * this one did.
   */
  async #compensate(
    name: string,
    compensations: readonly Compensation[],
    error: TerminalError,
  ): Promise<TerminalError> {
    const decided = this.#steps.remembered(name)?.error ?? undefined;
    if (decided === undefined) await this.#leased.steps.write(name, { state: 'failed', error: error.message });
    for (const { step, run } of [...compensations].reverse()) {
      await this.#steps.perform(`undo ${step}`, run, { onFailed: 'forget' });
    }
    return decided === undefined || decided === error.message ? error : new TerminalError(decided, { cause: error });
  }
}
