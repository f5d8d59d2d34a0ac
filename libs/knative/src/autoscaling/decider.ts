import { DelayWindow } from './delay-window.ts';
import { LoadMetric } from './metric.ts';
import type { ScaleSettings } from './settings.ts';

/** How many processes there should be, and whether the activator may leave the path. */
export interface Decision {
  readonly want: number;
  /** Requests that fit on top of the load; the activator leaves the path only while it is not negative. */
  readonly excessBurst: number;
  readonly panicking: boolean;
}

export interface DecideOptions {
  /** Whether any route leads to the revision; without one there is no limit to how fast it shrinks. Default: true. */
  readonly reachable?: boolean;
}

/** Knative's autoscaler (KPA) for one revision: it is told the load and asked at each tick. Time is passed in. */
export class Decider {
  readonly #settings: ScaleSettings;
  readonly #metric: LoadMetric;
  readonly #delay: DelayWindow;
  #panicAt: number | undefined;
  #maxPanic = 0;

  /**
   * `start`: what an autoscaler finds that starts beside a running revision. With several processes it begins in panic: their
   * number is kept until the load is known.
   */
  constructor(settings: ScaleSettings, start?: { readonly nowMs: number; readonly readyPods: number }) {
    this.#settings = settings;
    if (start && start.readyPods > 1) {
      this.#panicAt = start.nowMs;
      this.#maxPanic = start.readyPods;
    }
    this.#metric = new LoadMetric(settings.stableWindowMs);
    this.#delay = new DelayWindow(settings.scaleDownDelayMs);
  }

  /** From now on so many requests are in flight; to be told of every change. */
  record(nowMs: number, inFlight: number): void {
    if (this.#settings.metric === 'concurrency') this.#metric.level(nowMs, inFlight);
  }

  /** A request arrived; counts only where the metric is requests per second. */
  arrived(nowMs: number): void {
    if (this.#settings.metric === 'rps') this.#metric.count(nowMs);
  }

  decide(nowMs: number, readyPods: number, { reachable = true }: DecideOptions = {}): Decision {
    const { target, stableWindowMs, panicWindowMs } = this.#settings;
    // Processes report their load every second, an idle one, too.
    if (readyPods > 0) this.#metric.touch(nowMs);
    const stable = this.#metric.mean(nowMs, stableWindowMs);
    const panic = this.#metric.mean(nowMs, panicWindowMs);
    const ready = Math.max(1, readyPods);
    const wanted = this.#within(ready, Math.ceil(stable / target), reachable);
    const wantedInPanic = this.#within(ready, Math.ceil(panic / target), reachable);
    this.#updatePanic(nowMs, Math.ceil(panic / target) / ready);
    if (this.#panicAt !== undefined) this.#maxPanic = Math.max(this.#maxPanic, wanted, wantedInPanic);
    const want = this.#delay.most(nowMs, this.#panicAt === undefined ? wanted : this.#maxPanic);
    return {
      want: this.#bound(want),
      excessBurst: this.#excessBurst(readyPods, panic),
      panicking: this.#panicAt !== undefined,
    };
  }

  /** Limits a step up and down by the number of processes that are ready. */
  #within(ready: number, raw: number, reachable: boolean): number {
    const { maxScaleUpRate, maxScaleDownRate, activationScale } = this.#settings;
    const up = Math.ceil(maxScaleUpRate * ready);
    const down = reachable ? Math.floor(ready / maxScaleDownRate) : 0;
    const limited = Math.min(Math.max(raw, down), up);
    return activationScale > 1 && raw > 0 ? Math.max(limited, activationScale) : limited;
  }

  #updatePanic(nowMs: number, over: number): void {
    const { panicThreshold, stableWindowMs } = this.#settings;
    if (over >= panicThreshold) this.#panicAt = nowMs;
    else if (this.#panicAt !== undefined && this.#panicAt + stableWindowMs < nowMs) {
      this.#panicAt = undefined;
      this.#maxPanic = 0;
    }
  }

  /** Processes that are not ready yet have no room: without any the activator has to stay. */
  #excessBurst(readyPods: number, load: number): number {
    const { targetBurstCapacity, total } = this.#settings;
    if (targetBurstCapacity === 0) return 0;
    return targetBurstCapacity > 0 ? Math.floor(readyPods * total - targetBurstCapacity - load) : -1;
  }

  #bound(want: number): number {
    const { minScale, maxScale } = this.#settings;
    return Math.max(minScale, maxScale > 0 ? Math.min(want, maxScale) : want);
  }
}
