import { Decider, type ScaleSettings } from '@ebb/knative';
import type { Scaler } from './scaler.ts';

/**
 * Scales a revision as Knative's autoscaler does: the {@link Decider} follows the load, and this takes it to zero and back. In a
 * cluster whose activator stays in the path (the rule), the last pod is told to end as soon as nothing is wanted, and takes 30 s
 * to go. Here the last process takes as long, by the grace period, but stays of use: whoever comes in time finds it warm.
 */
export class KpaScaler implements Scaler {
  want: number;
  isPanicking = false;
  isActivatorOut = false;
  readonly #settings: ScaleSettings;
  readonly #decider: Decider;
  #lastActiveAt = 0;
  #zeroSince: number | undefined;

  constructor(settings: ScaleSettings) {
    this.#settings = settings;
    this.#decider = new Decider(settings);
    this.want = this.initial;
  }

  get initial(): number {
    return Math.max(this.#settings.initialScale, this.#settings.minScale);
  }

  record(now: number, requests: number): void {
    this.#lastActiveAt = now;
    // A request within the grace period: there is a load again before the next tick sees it.
    if (requests > 0 && this.want === 0) this.poke(now);
    this.#decider.record(now, requests);
  }

  arrived(now: number): void {
    this.#decider.arrived(now);
  }

  /** From zero there is nothing to measure: a request is reason enough. */
  poke(now: number): number {
    this.#lastActiveAt = now;
    this.#zeroSince = undefined;
    this.want = Math.max(1, this.#settings.minScale, this.#settings.activationScale);
    return this.want;
  }

  activated(now: number): void {
    this.#lastActiveAt = now;
  }

  decide(now: number, ready: number, current: number, isBusy: boolean): number {
    const { want, excessBurst, panicking } = this.#decider.decide(now, ready);
    const isActive = isBusy || now - this.#lastActiveAt < this.#settings.stableWindowMs;
    const least = (isActive && current > 0) || !this.#settings.isZeroAllowed ? 1 : 0;
    this.want = Math.max(least, want);
    this.isPanicking = panicking;
    this.isActivatorOut = this.want > 0 && excessBurst >= 0;
    if (this.want > 0) {
      this.#zeroSince = undefined;
      return this.want;
    }
    this.#zeroSince ??= now;
    const graceMs = Math.max(this.#settings.scaleToZeroGraceMs, this.#settings.podRetentionMs);
    return now - this.#zeroSince < graceMs ? Math.min(1, current) : 0;
  }
}
