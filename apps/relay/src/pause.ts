/** A wait that can be ended from outside. An end that comes while nobody waits ends the next wait. */
export class Pause {
  #wake: (() => void) | undefined;
  #wasEnded = false;

  end(): void {
    this.#wasEnded = true;
    this.#wake?.();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#wasEnded && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const onAbort = (): void => this.#wake?.();
        this.#wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
      this.#wake?.();
      this.#wake = undefined;
    }
    this.#wasEnded = false;
  }
}
