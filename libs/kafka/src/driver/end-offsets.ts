import type { Offsets } from '@ebb/event-log';

const FRESH_MS = 1_000;

interface Seen {
  ends: Offsets;
  at: number;
}

/** How far topics reach, for those who ask now and then without waiting: an answer makes the next one fresher. */
export class EndOffsets {
  readonly #read: (topic: string) => Promise<Offsets>;
  readonly #seen = new Map<string, Seen>();

  constructor(read: (topic: string) => Promise<Offsets>) {
    this.#read = read;
  }

  /** The ends as last seen: empty at first. */
  lastSeen(topic: string): Offsets {
    const seen = this.#seen.get(topic) ?? { ends: new Map(), at: 0 };
    this.#seen.set(topic, seen);
    if (Date.now() - seen.at > FRESH_MS) {
      seen.at = Date.now();
      this.#read(topic).then(
        (ends) => (seen.ends = ends),
        () => undefined,
      );
    }
    return seen.ends;
  }
}
