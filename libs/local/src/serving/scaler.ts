/** Says how many processes a revision should have. Times are milliseconds of the runtime's clock. */
export interface Scaler {
  /** How many it starts with. */
  readonly initial: number;
  readonly want: number;
  readonly isPanicking: boolean;
  /** There is so much room that a cluster would send requests past the activator. */
  readonly isActivatorOut: boolean;
  /** The number of requests changed. */
  record(now: number, requests: number): void;
  /** A request came. */
  arrived(now: number): void;
  /** A request found nothing: how many to start at once. */
  poke(now: number): number;
  /** The revision is ready for the first time. */
  activated(now: number): void;
  /** @param isBusy whether there are requests now */
  decide(now: number, ready: number, current: number, isBusy: boolean): number;
}

/** A worker's scale is what its `replicas` say. */
export class FixedScaler implements Scaler {
  want: number;
  readonly isPanicking = false;
  readonly isActivatorOut = false;

  constructor(want: number) {
    this.want = want;
  }

  get initial(): number {
    return this.want;
  }

  record(): void {
    // Load changes nothing.
  }

  arrived(): void {
    // Neither does the number of requests.
  }

  poke(): number {
    return this.want;
  }

  activated(): void {
    // Nothing waits for it.
  }

  decide(): number {
    return this.want;
  }
}
