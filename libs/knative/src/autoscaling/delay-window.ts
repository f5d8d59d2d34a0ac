/** The autoscaler's tick: the grain of the window. */
const GRAIN_MS = 2_000;

/** The most that was wanted within a span of time: what holds a scale-down back. */
export class DelayWindow {
  readonly #grains: number;
  readonly #entries: { readonly grain: number; readonly want: number }[] = [];

  constructor(delayMs: number) {
    this.#grains = Math.ceil(delayMs / GRAIN_MS);
  }

  /** Notes what is wanted now; the most that was wanted since the delay began. */
  most(nowMs: number, want: number): number {
    if (this.#grains === 0) return want;
    const grain = Math.floor(nowMs / GRAIN_MS);
    // Smaller and older wishes can never be the most again, so the list falls from its first entry on.
    while ((this.#entries.at(-1)?.want ?? Infinity) <= want) this.#entries.pop();
    this.#entries.push({ grain, want });
    while ((this.#entries[0]?.grain ?? grain) <= grain - this.#grains) this.#entries.shift();
    return this.#entries[0]?.want ?? want;
  }
}
