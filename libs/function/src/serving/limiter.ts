import { EbbError } from '@ebb/core';

/** No slot is free and the queue is full. */
export class OverloadedError extends EbbError {
  constructor(limit: number, queued: number) {
    super('EBB_RUNTIME', `${limit} requests run and ${queued} wait: no more are taken`);
  }
}

/** Lets a fixed number of tasks run at once and keeps a bounded queue of others, first come, first served. */
export class Limiter {
  readonly #limit: number;
  readonly #maxQueued: number;
  readonly #queue = new Set<() => void>();
  #running = 0;

  constructor(limit: number, maxQueued: number = 10 * limit) {
    this.#limit = limit;
    this.#maxQueued = maxQueued;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Runs `task` once a slot is free.
   * @throws OverloadedError when the queue is full
   * @throws the signal's reason when it is aborted while the task waits
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(signal);
    try {
      return await task();
    } finally {
      this.leave();
    }
  }

  /** As {@link run}, for the caller to {@link leave}. Undefined when a slot was free. */
  enter(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#running >= this.#limit) return this.#wait(signal);
    this.#running += 1;
    return undefined;
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#queue.size >= this.#maxQueued) throw new OverloadedError(this.#running, this.#queue.size);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.delete(start);
        reject(signal?.reason as Error);
      };
      const start = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(start);
    });
  }

  /** The slot goes straight to the first waiter, so that a newcomer cannot overtake the queue. */
  leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
