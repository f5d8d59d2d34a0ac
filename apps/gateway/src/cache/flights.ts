import { deferred, type Deferred } from '@ebb/core';
import type { KeptAnswer } from './kept-answer.ts';

/**
 * How a request for an answer ended that others wait for: with an answer to keep; with one that is for its client alone; or with none, so that
 * somebody else must ask.
 */
export type Landing = KeptAnswer | 'unstorable' | 'lost';

/** A request that is on its way to a service, and that others with the same key wait for. */
export class Flight {
  readonly tags: readonly string[];
  readonly landed: Deferred<Landing> = deferred<Landing>();
  /** What it asks for changed in the meantime: its answer may be of before. */
  isStale = false;

  constructor(tags: readonly string[]) {
    this.tags = tags;
  }
}

/** The requests that are on their way, one per key. */
export class Flights {
  readonly #byKey = new Map<string, Flight>();
  /** Those that nobody new may wait for are still looked at when something changes. */
  readonly #all = new Set<Flight>();

  get size(): number {
    return this.#all.size;
  }

  get(key: string): Flight | undefined {
    return this.#byKey.get(key);
  }

  begin(key: string, tags: readonly string[]): Flight {
    const flight = new Flight(tags);
    this.#all.add(flight);
    if (!this.#byKey.has(key)) this.#byKey.set(key, flight);
    return flight;
  }

  /** Nobody new shall wait for it. */
  leave(key: string, flight: Flight): void {
    if (this.#byKey.get(key) === flight) this.#byKey.delete(key);
  }

  land(key: string, flight: Flight, landing: Landing): void {
    this.#all.delete(flight);
    this.leave(key, flight);
    flight.landed.resolve(landing);
  }

  /** Answers that are on their way must not be kept, nor given to those who ask from now on. */
  invalidate(concerns: (tags: readonly string[]) => boolean): void {
    for (const flight of this.#all) if (concerns(flight.tags)) flight.isStale = true;
    for (const [key, flight] of this.#byKey) if (flight.isStale) this.#byKey.delete(key);
  }
}
