import { HttpProblem } from '@ebb/core';

type Wake = () => void;

/**
 * So many at a time, the others wait in line. A password takes memory and a thread of Node's four: without a limit a flood of sign-ins
 * would take all of both, and nothing else would be answered.
 */
export class Places {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Wake>();
  #taken = 0;

  constructor(size: number, maxWaiting: number) {
    this.#size = size;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs work when there is a place.
   * @throws HttpProblem 503 at once when too many wait; the signal's reason when nobody wants it any more
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.#size) {
      this.#taken += 1;
      return;
    }
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new HttpProblem(503, 'too many passwords are being checked; try again later', {
        headers: { 'retry-after': '2' },
      });
    }
    await this.#turn(signal);
  }

  /** The place of whoever leaves is handed over, so that nobody comes in between. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(wake);
        reject(signal.reason as Error);
      };
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(wake);
    });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
