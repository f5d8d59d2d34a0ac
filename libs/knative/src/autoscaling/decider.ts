import { LoadMetric } from './metric.ts';
import type { ScaleSettings } from './settings.ts';

/** How many processes there should be, and whether the activator may leave the path. */
export interface Decision {
  readonly want: number;
  /** Requests that fit on top of the load; the activator leaves the path only while it is not negative. */
  readonly excessBurst: number;
  readonly panicking: boolean;
}

/** Knative's autoscaler (KPA) for one revision: it is told the load and asked at each tick. Time is passed in. */
export class Decider {
  readonly #settings: ScaleSettings;
  readonly #metric: LoadMetric;
  readonly #delayed: { readonly at: number; readonly want: number }[] = [];
  #panicAt: number | undefined;
  #maxPanic = 0;
  #isFirst = true;

  constructor(settings: ScaleSettings) {
    this.#settings = settings;
    this.#metric = new LoadMetric(settings.stableWindowMs);
  }

  /** From now on so many requests are in flight. */
  record(nowMs: number, inFlight: number): void {
    if (this.#settings.metric === 'concurrency') this.#metric.level(nowMs, inFlight);
  }

  /** A request arrived; counts only where the metric is requests per second. */
  arrived(nowMs: number): void {
    if (this.#settings.metric === 'rps') this.#metric.count(nowMs);
  }

  decide(nowMs: number, readyPods: number): Decision {
    const { target, total, targetBurstCapacity, stableWindowMs, panicWindowMs } = this.#settings;
    const stable = this.#metric.mean(nowMs, stableWindowMs);
    const panic = this.#metric.mean(nowMs, panicWindowMs);
    const ready = Math.max(1, readyPods);
    const wanted = this.#within(ready, stable / target);
    const wantedInPanic = this.#within(ready, panic / target);
    this.#updatePanic(nowMs, readyPods, Math.ceil(panic / target) / ready);
    if (this.#panicAt !== undefined) this.#maxPanic = Math.max(this.#maxPanic, wanted, wantedInPanic);
    const want = this.#delayScaleDown(nowMs, this.#panicAt === undefined ? wanted : this.#maxPanic);
    return {
      want: this.#bound(want),
      excessBurst: excessBurst(targetBurstCapacity, ready * total, panic),
      panicking: this.#panicAt !== undefined,
    };
  }

  /** Limits a step up and down by the number of processes that are ready. */
  #within(ready: number, raw: number): number {
    const { maxScaleUpRate, maxScaleDownRate, activationScale } = this.#settings;
    const up = Math.ceil(maxScaleUpRate * ready);
    const down = Math.floor(ready / maxScaleDownRate);
    const limited = Math.min(Math.max(Math.ceil(raw), down), up);
    return activationScale > 1 && raw > 0 ? Math.max(limited, activationScale) : limited;
  }

  #updatePanic(nowMs: number, readyPods: number, over: number): void {
    const { panicThreshold, stableWindowMs } = this.#settings;
    // It began with several processes: their number is kept until the load is known.
    if (this.#isFirst && readyPods > 1) {
      this.#panicAt = nowMs;
      this.#maxPanic = readyPods;
    }
    this.#isFirst = false;
    if (over >= panicThreshold) this.#panicAt = nowMs;
    else if (this.#panicAt !== undefined && this.#panicAt + stableWindowMs < nowMs) {
      this.#panicAt = undefined;
      this.#maxPanic = 0;
    }
  }

  /** With a delay, the most that was wanted within it. */
  #delayScaleDown(nowMs: number, want: number): number {
    const { scaleDownDelayMs } = this.#settings;
    if (scaleDownDelayMs === 0) return want;
    this.#delayed.push({ at: nowMs, want });
    while ((this.#delayed[0]?.at ?? nowMs) < nowMs - scaleDownDelayMs) this.#delayed.shift();
    return Math.max(...this.#delayed.map((entry) => entry.want));
  }

  #bound(want: number): number {
    const { minScale, maxScale } = this.#settings;
    return Math.max(minScale, maxScale > 0 ? Math.min(want, maxScale) : want);
  }
}

function excessBurst(targetBurstCapacity: number, capacity: number, load: number): number {
  if (targetBurstCapacity === 0) return 0;
  return targetBurstCapacity > 0 ? Math.floor(capacity - targetBurstCapacity - load) : -1;
}
