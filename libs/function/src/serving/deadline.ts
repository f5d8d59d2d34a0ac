import { TimeoutError } from '@ebb/core';

/** How long work that was told to stop may take to do so before it is left alone. */
const GRACE_MS = 250;

/** What one piece of work knows of its deadline. */
export class Deadline {
  #controller: AbortController | undefined;
  #missed: TimeoutError | undefined;

  /** Made when it is first asked for: a signal costs more than everything else of a deadline, and most work asks for none. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#missed) this.#controller.abort(this.#missed);
    return this.#controller.signal;
  }

  get missed(): TimeoutError | undefined {
    return this.#missed;
  }

  miss(reason: TimeoutError): void {
    this.#missed = reason;
    this.#controller?.abort(reason);
  }
}

interface Running {
  readonly deadline: Deadline;
  readonly dueAt: number;
  readonly leave: (reason: TimeoutError) => void;
}

/** Gives all work of one kind the same time. One timer serves all of it, because what began first is due first. */
export class Deadlines {
  readonly #what: string;
  readonly #timeoutMs: number;
  readonly #graceMs: number;
  readonly #running = new Set<Running>();
  #isArmed = false;

  constructor(what: string, timeoutMs: number, graceMs: number = GRACE_MS) {
    this.#what = what;
    this.#timeoutMs = timeoutMs;
    this.#graceMs = graceMs;
  }

  /**
   * Runs `work` with a signal that is aborted when its time is over (reason: TimeoutError). Work that ended after that counts as failed, whatever
   * it returned or threw, because that is only the echo of the timeout; work that ignores the signal is left behind after a short grace.
   * @throws TimeoutError
   */
  run<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = new Deadline();
      const running = { deadline, dueAt: performance.now() + this.#timeoutMs, leave: reject };
      const result = work(deadline);
      this.#running.add(running);
      if (!this.#isArmed) this.#arm(this.#timeoutMs);
      Promise.resolve(result).then(
        (value) => {
          this.#running.delete(running);
          if (deadline.missed) reject(deadline.missed);
          else resolve(value);
        },
        (error: unknown) => {
          this.#running.delete(running);
          reject(deadline.missed ?? (error as Error));
        },
      );
    });
  }

  #arm(afterMs: number): void {
    this.#isArmed = true;
    // What waits for the work keeps the process alive, not the work's deadline.
    setTimeout(() => this.#expire(), Math.max(1, Math.ceil(afterMs))).unref();
  }

  #expire(): void {
    this.#isArmed = false;
    const now = performance.now();
    for (const running of this.#running) {
      if (running.dueAt > now) {
        this.#arm(running.dueAt - now);
        return;
      }
      this.#running.delete(running);
      const reason = new TimeoutError(`${this.#what} took longer than ${this.#timeoutMs} ms`);
      setTimeout(running.leave, this.#graceMs, reason).unref();
      running.deadline.miss(reason);
    }
  }
}

/**
 * A deadline for one piece of work: see {@link Deadlines}.
 * @throws TimeoutError
 */
export function withDeadline<T>(what: string, timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Deadlines(what, timeoutMs).run(({ signal }) => run(signal));
}
