import { deferred, HttpProblem, type Deferred } from '@ebb/core';
import { chooseInstance } from '@ebb/knative';
import type { Instance } from './instance.ts';

/** Bytes of request bodies that all services together may hold while they start. */
export class HeldBytes {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** Reserves, or says that there is no room. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** A request that is held. */
export interface Held {
  readonly granted: Promise<Instance>;
  /** Takes it out of the queue; `granted` rejects with the reason. */
  abandon(reason: Error): void;
}

export interface ActivatorOptions {
  /** Requests that one instance takes at a time; 0: any number. */
  readonly containerConcurrency: number;
  readonly maxHeld: number;
  readonly heldBytes: HeldBytes;
  readonly instances: () => readonly Instance[];
  /** How many requests the revision has now, held and in flight together. */
  readonly onChange: (requests: number) => void;
  readonly onArrival: () => void;
}

/** Gives each request of a revision an instance that has room, and holds it while there is none; first come, first served. */
export class Activator {
  readonly #options: ActivatorOptions;
  /** In order of arrival. A set, because requests give up from the middle. */
  readonly #held = new Set<{ readonly turn: Deferred<Instance>; readonly bytes: number }>();
  /** Where the last request went; counts where instances are taken in turn. */
  #last = -1;
  #inFlight = 0;

  constructor(options: ActivatorOptions) {
    this.#options = options;
  }

  /** Requests held and in flight. */
  get requests(): number {
    return this.#held.size + this.#inFlight;
  }

  get held(): number {
    return this.#held.size;
  }

  /** An instance with room, when nobody is waiting for one. The caller must {@link leave} it. */
  tryEnter(): Instance | undefined {
    const instance = this.#held.size === 0 ? this.#pick() : undefined;
    if (!instance) return undefined;
    this.#options.onArrival();
    this.#enter(instance);
    this.#options.onChange(this.requests);
    return instance;
  }

  /**
   * Holds a request until an instance has room for it.
   * @throws HttpProblem 503 when too many are held
   */
  hold(bytes: number): Held {
    const { maxHeld, heldBytes, onArrival, onChange } = this.#options;
    if (this.#held.size >= maxHeld || !heldBytes.take(bytes)) {
      throw new HttpProblem(503, 'pending request queue full', { headers: { 'retry-after': '1' } });
    }
    const entry = { turn: deferred<Instance>(), bytes };
    this.#held.add(entry);
    onArrival();
    onChange(this.requests);
    this.dispatch();
    return {
      granted: entry.turn.promise,
      abandon: (reason) => {
        if (this.#remove(entry)) entry.turn.reject(reason);
        onChange(this.requests);
      },
    };
  }

  leave(instance: Instance): void {
    instance.leave();
    this.#inFlight -= 1;
    this.dispatch();
    this.#options.onChange(this.requests);
  }

  /** Hands held requests to instances that have room now. */
  dispatch(): void {
    for (const entry of this.#held) {
      const instance = this.#pick();
      if (!instance) return;
      this.#remove(entry);
      this.#enter(instance);
      entry.turn.resolve(instance);
    }
  }

  /** Refuses all held requests. */
  refuseAll(reason: Error): void {
    for (const entry of this.#held) {
      this.#remove(entry);
      entry.turn.reject(reason);
    }
    this.#options.onChange(this.requests);
  }

  #enter(instance: Instance): void {
    instance.enter();
    this.#inFlight += 1;
  }

  #remove(entry: { readonly turn: Deferred<Instance>; readonly bytes: number }): boolean {
    if (!this.#held.delete(entry)) return false;
    this.#options.heldBytes.give(entry.bytes);
    return true;
  }

  #pick(): Instance | undefined {
    const open = this.#options.instances().filter((instance) => instance.isOpen);
    const loads = open.map((instance) => instance.inFlight);
    const chosen = chooseInstance(this.#options.containerConcurrency, loads, { last: this.#last });
    if (chosen === undefined) return undefined;
    this.#last = chosen;
    return open[chosen];
  }
}
