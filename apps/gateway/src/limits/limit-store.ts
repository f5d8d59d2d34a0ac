/** One request that counts against a limit. */
export interface Taking {
  /** The limit, and who it counts for. */
  readonly key: string;
  readonly requests: number;
  /** From the first request that counts until the count begins anew. */
  readonly windowMs: number;
}

/** How a limit stands after a request was counted. */
export interface Standing {
  /** This one included; past the limit it need not be exact. */
  readonly used: number;
  readonly resetsInMs: number;
}

/** Where requests are counted. */
export interface LimitStore {
  /** Counts a request against each of these; a standing for each, in their order. Never rejects. */
  take(takings: readonly Taking[]): readonly Standing[] | Promise<readonly Standing[]>;
}
