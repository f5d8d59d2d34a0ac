/** How a lane works. */
export interface LaneOptions<Part> {
  /** How many of the first that wait are done together: one at least. */
  readonly goTogether: (waiting: readonly Part[]) => number;
  /** Never rejects. */
  readonly work: (parts: readonly Part[]) => Promise<void>;
}

/** Work that is done one piece after the other. What came while one was under way goes together, as far as it can. */
export class Lane<Part> {
  readonly #options: LaneOptions<Part>;
  readonly #waiting: Part[] = [];
  #isBusy = false;

  constructor(options: LaneOptions<Part>) {
    this.#options = options;
  }

  add(part: Part): void {
    this.#waiting.push(part);
    if (!this.#isBusy) void this.#workOff();
  }

  async #workOff(): Promise<void> {
    const { goTogether, work } = this.#options;
    this.#isBusy = true;
    while (this.#waiting.length > 0) await work(this.#waiting.splice(0, Math.max(1, goTogether(this.#waiting))));
    this.#isBusy = false;
  }
}
