import { systemClock } from '@ebb/core';
import type { Sighting } from './target.ts';

const POLL_MS = 50;

/** What went by, kept to be asked about later: an event may come before anybody waits for it. */
export class Sightings {
  readonly #seen: Sighting[] = [];

  add(sighting: Sighting): void {
    this.#seen.push(sighting);
  }

  /** The first one that matches; undefined when none came until the deadline. */
  async first(matches: (sighting: Sighting) => boolean, deadlineMs: number): Promise<Sighting | undefined> {
    for (;;) {
      const found = this.#seen.find(matches);
      if (found || Date.now() >= deadlineMs) return found;
      await systemClock.sleep(POLL_MS);
    }
  }
}
