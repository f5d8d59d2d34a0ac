/** Names are lower-case. */
export type AnswerHeaders = Record<string, string | string[] | number | undefined>;

/** A whole answer of the gateway's own: out of the cache, or of one of its endpoints. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body?: Buffer;
}

/** The head of what the upstream answered, before it goes to the client. Hop-by-hop headers are gone. */
export interface AnswerHead {
  readonly status: number;
  /** Whoever looks at the head may change them. */
  readonly headers: AnswerHeaders;
}

/** Sees the body on its way to the client. It must not hold it up, nor throw. */
export interface BodyTap {
  /** The buffer is not copied: do not change it. */
  chunk(chunk: Buffer): void;
  /** `complete` is false when either side went away before the end. */
  end(complete: boolean): void;
}

/**
 * Is called with the head of the upstream's answer, once, before anything of it is sent to the client. What it returns sees the body.
 * It is not called for what the gateway answers itself.
 */
export type AnswerHook = (head: AnswerHead) => BodyTap | undefined;
