import { deferred } from '@ebb/core';
import type { CrashPoint, OnCrashPoint } from '@ebb/postgres';

/** Where to stand: a point, of a certain step where there are several. */
export interface Place {
  readonly point: CrashPoint;
  readonly step?: string;
}

/** A delivery that stands still at a point. */
export interface Held {
  /** Resolves when a delivery has come there. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  release(): void;
}

interface Watch extends Place {
  readonly meet: () => void | Promise<void>;
}

export function isAt({ point, step }: Place, passedPoint: CrashPoint, passedStep: string | undefined): boolean {
  return point === passedPoint && (step === undefined || step === passedStep);
}

/** The points that the deliveries in this process pass, and what a test does there: each time once. */
export class Points {
  readonly #watches = new Set<Watch>();

  readonly onPoint: OnCrashPoint = (point, step) => {
    const watch = [...this.#watches].find((each) => isAt(each, point, step));
    if (!watch) return undefined;
    this.#watches.delete(watch);
    return watch.meet();
  };

  /** Holds the next delivery that comes there. */
  hold(place: Place): Held {
    const [reached, released] = [deferred(), deferred()];
    const meet = (): Promise<void> => {
      reached.resolve();
      return released.promise;
    };
    this.#watches.add({ ...place, meet });
    return { reached: reached.promise, release: () => released.resolve() };
  }

  /** Fails the next delivery that comes there; resolves to what `run` does, and whether one came. */
  async failing<T>(place: Place, error: Error, run: () => Promise<T>): Promise<{ value: T; reached: boolean }> {
    const meet = (): never => {
      throw error;
    };
    const watch: Watch = { ...place, meet };
    this.#watches.add(watch);
    const value = await run();
    return { value, reached: !this.#watches.delete(watch) };
  }
}
