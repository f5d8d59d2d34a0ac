import { TerminalError } from '@ebb/core';

import type { StepCall } from '../definition/leased.ts';

/** How a step that took effect is taken back. */
export interface Compensation {
  readonly step: string;
  readonly run: (call: StepCall) => Promise<void>;
}

/** A step of a saga, in the place where it was begun. */
interface Part {
  readonly step: string;
  compensation?: Compensation;
  error?: unknown;
}

export interface SagaStep<T> {
  readonly name: string;
  /** As the journal has it. */
  readonly known: { readonly state: string; readonly error: string | null } | undefined;
  readonly perform: () => Promise<T>;
  readonly compensate: ((output: T, call: StepCall) => Promise<void>) | undefined;
}

/** What was begun in one saga, and what has become of it. */
export class Saga {
  readonly #outer: Saga | undefined;
  readonly #parts: (Part | Saga)[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  #verdict: string | undefined;
  #isTakenBack = false;

  /** `verdict` is why an earlier run began to take it back. */
  constructor(outer: Saga | undefined, verdict: string | undefined) {
    this.#outer = outer;
    this.#verdict = verdict;
  }

  /** Why it is taken back, or the saga that it stands in. */
  get verdict(): string | undefined {
    return this.#verdict ?? this.#outer?.verdict;
  }

  get ownVerdict(): string | undefined {
    return this.#verdict;
  }

  /** From now on it is taken back: what is not done is not begun any more, in this run and in later ones. */
  decide(verdict: string): void {
    this.#verdict = verdict;
  }

  /** Nothing is left for an outer saga to take back. */
  close(): void {
    this.#isTakenBack = true;
  }

  /** @throws TerminalError for what is not done, once the saga is taken back; of a step that failed, what it failed with */
  assertGoing(isDone: boolean, error?: string | null): void {
    const { verdict } = this;
    if (verdict !== undefined && !isDone) throw new TerminalError(error ?? verdict);
  }

  async step<T>({ name, known, perform, compensate }: SagaStep<T>): Promise<T> {
    this.assertGoing(known?.state === 'done', known?.error);
    const part: Part = { step: name };
    this.#parts.push(part);
    try {
      const output = await this.track(perform());
      if (compensate) part.compensation = { step: name, run: (call) => compensate(output, call) };
      return output;
    } catch (error) {
      part.error = error;
      throw error;
    }
  }

  inner(saga: Saga): void {
    this.#parts.push(saga);
  }

  /** Has {@link settled} wait for it. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    const forget = (): void => void this.#inFlight.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Waits for what goes on beside the step that failed: only then it is known what there is to take back. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** The steps that failed, with what they failed with, those of inner sagas among them. */
  failures(): readonly (readonly [string, unknown])[] {
    return this.#parts.flatMap((part) => {
      if (part instanceof Saga) return part.failures();
      return part.error === undefined ? [] : [[part.step, part.error] as const];
    });
  }

  /** What took effect, in the order in which it was begun. */
  compensations(): readonly Compensation[] {
    if (this.#isTakenBack) return [];
    return this.#parts.flatMap((part) => (part instanceof Saga ? part.compensations() : (part.compensation ?? [])));
  }
}
