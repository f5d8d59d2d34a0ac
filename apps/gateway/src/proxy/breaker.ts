import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  SamplingBreaker,
  type CircuitBreakerPolicy,
  type IBreaker,
} from 'cockatiel';

export type CircuitWord = 'closed' | 'half-open' | 'open';

/** What one attempt says about the upstream's health. */
export interface Attempted {
  /** It could not be reached, was too late, or said that it failed. */
  readonly isFailure: boolean;
}

const FAILURES_IN_A_ROW = 10;
/** Half of what was asked within the window, and no fewer requests than these a second. */
const FAILURE_RATE = 0.5;
const WINDOW_MS = 10_000;
const MINIMUM_RPS = 2;

/**
 * Keeps requests from an upstream that does not answer them: opens after ten failures in a row, or when half of what was asked within ten
 * seconds failed; after a while one request finds out whether it is back.
 */
export class UpstreamBreaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #halfOpenAfterMs: number;
  #openedAtMs = 0;

  constructor(halfOpenAfterMs: number, onChange: (state: CircuitWord) => void) {
    this.#halfOpenAfterMs = halfOpenAfterMs;
    this.#policy = circuitBreaker(
      handleWhenResult((result) => (result as Attempted).isFailure),
      { halfOpenAfter: halfOpenAfterMs, breaker: new EitherBreaker() },
    );
    this.#policy.onStateChange(() => {
      if (this.state === 'open') this.#openedAtMs = performance.now();
      onChange(this.state);
    });
  }

  get state(): CircuitWord {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return 'closed';
    return state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** When the upstream may be asked again. */
  get retryAfterMs(): number {
    return Math.max(0, this.#openedAtMs + this.#halfOpenAfterMs - performance.now());
  }

  /** Runs an attempt, which must not reject; undefined when the circuit is open. */
  async run<T extends Attempted>(attempt: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#policy.execute(attempt);
    } catch (error) {
      if (error instanceof BrokenCircuitError) return undefined;
      throw error;
    }
  }
}

/** Opens when either of two would: few requests are told by their order, many by their share. */
class EitherBreaker implements IBreaker {
  readonly #inARow = new ConsecutiveBreaker(FAILURES_IN_A_ROW);
  readonly #share = new SamplingBreaker({ threshold: FAILURE_RATE, duration: WINDOW_MS, minimumRps: MINIMUM_RPS });

  get state(): unknown {
    return [this.#inARow.state, this.#share.state];
  }

  set state(state: unknown) {
    const [inARow, share] = state as [number, unknown];
    this.#inARow.state = inARow;
    this.#share.state = share;
  }

  success(state: CircuitState): void {
    this.#inARow.success();
    this.#share.success(state);
  }

  failure(state: CircuitState): boolean {
    const isRow = this.#inARow.failure();
    return this.#share.failure(state) || isRow;
  }
}
