import { HttpProblem } from '@ebb/core';

type Wake = () => void;

/**
 * So many at a time, the others wait in line. A password takes memory and a thread of Node's four: without a limit a flood of sign-ins
 * would take all of both, and nothing else would be answered.
 */
export class Places {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #patienceMs: number;
  readonly #waiting = new Set<Wake>();
  #taken = 0;

  constructor(size: number, limits: { readonly maxWaiting: number; readonly patienceMs: number }) {
    this.#size = size;
    this.#maxWaiting = limits.maxWaiting;
    this.#patienceMs = limits.patienceMs;
  }

  /**
   * Runs work when there is a place.
   * @throws HttpProblem 503 at once when too many wait, or after having waited for too long; the signal's reason when nobody wants it any more
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
    if (this.#waiting.size >= this.#maxWaiting) throw tooMany();
    await this.#turn(signal);
  }

  /** The place of whoever leaves is handed over, so that nobody comes in between. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(wake);
        end();
      };
      const wake = (): void => settle(resolve);
      const onAbort = (): void => settle(() => reject(signal.reason as Error));
      const timer = setTimeout(() => settle(() => reject(tooMany())), this.#patienceMs);
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
    next();
  }
}

const tooMany = (): HttpProblem =>
  new HttpProblem(503, 'too many passwords are being checked; try again later', { headers: { 'retry-after': '5' } });
