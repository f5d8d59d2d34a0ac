import type { ScaleSettings } from './settings.ts';

type ZeroSettings = Pick<ScaleSettings, 'stableWindowMs' | 'scaleToZeroGraceMs' | 'podRetentionMs' | 'isZeroAllowed'>;

/** What a tick found. */
export interface ZeroInput {
  /** What the autoscaler wants. */
  readonly want: number;
  readonly isActivatorInPath: boolean;
}

/**
 * Holds the last process until it may go. A revision that became active stays so for a stable window at least. Once nothing is
 * wanted, the last process goes when the activator has been in the path for the grace period (so that no request finds nobody),
 * and when it was kept for the retention period. An activator that never left the path makes the grace period pass unseen.
 */
export class ScaleToZero {
  readonly #settings: ZeroSettings;
  #activeSince: number | undefined;
  #inactiveSince: number | undefined;
  #activatorSince: number | undefined;

  constructor(settings: ZeroSettings) {
    this.#settings = settings;
  }

  /** How many processes there may be now; called at each tick. */
  next(nowMs: number, { want, isActivatorInPath }: ZeroInput): number {
    if (want > 0) {
      if (this.#inactiveSince !== undefined) this.#activeSince = undefined;
      this.#inactiveSince = undefined;
      this.#activeSince ??= nowMs;
      this.#noteActivator(nowMs, isActivatorInPath);
      return want;
    }
    if (!this.#settings.isZeroAllowed) return 1;
    if (this.#activeSince !== undefined && nowMs - this.#activeSince < this.#settings.stableWindowMs) {
      this.#noteActivator(nowMs, isActivatorInPath);
      return 1;
    }
    // What wants nothing is served by the activator, whatever room there was.
    this.#noteActivator(nowMs, true);
    this.#inactiveSince ??= nowMs;
    return this.#mayGo(nowMs) ? 0 : 1;
  }

  #noteActivator(nowMs: number, isInPath: boolean): void {
    this.#activatorSince = isInPath ? (this.#activatorSince ?? nowMs) : undefined;
  }

  #mayGo(nowMs: number): boolean {
    const { scaleToZeroGraceMs, podRetentionMs } = this.#settings;
    const inPathMs = nowMs - (this.#activatorSince ?? nowMs);
    const idleMs = nowMs - (this.#inactiveSince ?? nowMs);
    return inPathMs >= scaleToZeroGraceMs && idleMs >= podRetentionMs;
  }
}
