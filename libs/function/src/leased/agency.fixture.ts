import { RetryableError, TerminalError } from '@ebb/core';

import type { StepCall, Verified } from '../definition/leased.ts';

/** How calls to the other side end: the first ones in these ways, all others well. */
export type End = 'says no' | 'says not now' | 'answer is lost' | 'request is lost';

/** The other side of a step: it outlives every process, and counts what took effect. */
export class Agency {
  /** What each call with a key gave. */
  readonly #byKey = new Map<string, string>();
  readonly #ends = new Map<string, End[]>();
  readonly effects: string[] = [];

  /** The first calls for `what` end as given. */
  expect(what: string, ...ends: readonly End[]): void {
    this.#ends.set(what, [...ends]);
  }

  /** Takes a second call with the same key for the first one. */
  readonly keyed =
    (what: string) =>
    ({ key }: StepCall): Promise<string> =>
      this.#answer(what, () => this.#byKey.get(key) ?? this.#effect(what, key));

  /** Takes no notice of keys: who calls twice gets it twice. Can be asked. */
  readonly unkeyed =
    (what: string) =>
    ({ key }: StepCall): Promise<string> =>
      this.#answer(what, () => this.#effect(what, key));

  readonly find = ({ key }: StepCall): Promise<Verified<string>> => {
    const output = this.#byKey.get(key);
    return Promise.resolve(output === undefined ? { done: false } : { done: true, output });
  };

  #effect(what: string, key: string): string {
    this.effects.push(what);
    const output = `${what} ${this.effects.length}`;
    this.#byKey.set(key, output);
    return output;
  }

  /** Answers take a turn of the event loop, as those of another process do. */
  async #answer(what: string, effect: () => string): Promise<string> {
    const end = this.#ends.get(what)?.shift();
    await new Promise((resolve) => void setImmediate(resolve));
    if (end === 'says no') {
      this.#ends.get(what)?.unshift(end);
      throw new TerminalError(`${what}: no`);
    }
    if (end === 'says not now') throw new RetryableError(`${what}: not now`);
    if (end === 'request is lost') throw new Error('socket hang up');
    const output = effect();
    if (end === 'answer is lost') throw new Error('socket hang up');
    return output;
  }
}
