import type { TailEvent } from '../control/api.ts';

/** What passes through the runtime; `dropped` says that this listener was too slow and missed `count` entries. */
export type TailEntry = TailEvent | { readonly kind: 'dropped'; readonly count: number };

/** Called one entry at a time; while its promise is pending the entries queue up, and past the capacity they are dropped. */
export type TailListener = (entry: TailEntry) => void | Promise<void>;

export interface Tail {
  /** Whether anyone listens: what costs work is done only then. */
  readonly watched: boolean;
  publish(entry: TailEvent): void;
  /** Returns the function that ends the subscription. `capacity` bounds what waits for this listener. */
  subscribe(listener: TailListener, options?: { readonly capacity?: number }): () => void;
  /** Calls `listener` when the first subscriber comes (true) and when the last one goes (false). */
  onWatched(listener: (watched: boolean) => void): () => void;
}

const DEFAULT_CAPACITY = 1_000;

export function createTail(): Tail {
  const subscribers = new Set<Subscriber>();
  const watchers = new Set<(watched: boolean) => void>();
  const tell = (watched: boolean): void => {
    for (const watcher of watchers) watcher(watched);
  };
  return {
    get watched() {
      return subscribers.size > 0;
    },
    publish(entry) {
      for (const subscriber of subscribers) subscriber.push(entry);
    },
    subscribe(listener, { capacity = DEFAULT_CAPACITY } = {}) {
      const subscriber = createSubscriber(listener, capacity);
      subscribers.add(subscriber);
      if (subscribers.size === 1) tell(true);
      return () => {
        if (subscribers.delete(subscriber) && subscribers.size === 0) tell(false);
        subscriber.end();
      };
    },
    onWatched(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
}

interface Subscriber {
  push(entry: TailEvent): void;
  end(): void;
}

function createSubscriber(listener: TailListener, capacity: number): Subscriber {
  const queue: TailEvent[] = [];
  let dropped = 0;
  let draining = false;
  const next = (): TailEntry | undefined => {
    if (dropped === 0) return queue.shift();
    const count = dropped;
    dropped = 0;
    return { kind: 'dropped', count };
  };
  const drain = async (): Promise<void> => {
    draining = true;
    for (let entry = next(); entry; entry = next()) {
      // A listener that fails is a client that went away; it must not stop what it watches.
      await Promise.resolve(entry)
        .then(listener)
        .catch(() => undefined);
    }
    draining = false;
  };
  return {
    push(entry) {
      // The newest are kept: they are what a person who looks now wants to see.
      if (queue.push(entry) > capacity) {
        queue.shift();
        dropped += 1;
      }
      if (!draining) void drain();
    },
    end() {
      queue.length = 0;
      dropped = 0;
    },
  };
}
