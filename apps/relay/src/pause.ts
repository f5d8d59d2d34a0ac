/** A wait that can be ended from outside. An end that comes while nobody waits ends the next wait. */
export class Pause {
  #release: (() => void) | undefined;
  #wasEnded = false;

  end(): void {
    this.#wasEnded = true;
    this.#release?.();
  }

  /** Resolves after `ms`, when it is ended, or when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#wasEnded && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const release = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', release);
          resolve();
        };
        const timer = setTimeout(release, ms);
        signal.addEventListener('abort', release, { once: true });
        this.#release = release;
      });
    }
    this.#release = undefined;
    this.#wasEnded = false;
  }
}
