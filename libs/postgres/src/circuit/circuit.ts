import { randomUUID } from 'node:crypto';
import { TerminalError, TimeoutError } from '@ebb/core';
import type { Connections, Query } from '../connections.ts';
import { CircuitOpenError } from './circuit-open-error.ts';
import { enterCircuit, type EnterRow } from './enter-circuit.ts';
import { giveUpProbe } from './give-up-probe.ts';
import { recordFailure } from './record-failure.ts';
import { recordSuccess } from './record-success.ts';

export interface CircuitSettings {
  /** Names the dependency; all processes of the service share its state. */
  readonly name: string;
  /** Failures in a row after which it is left alone. */
  readonly failures: number;
  /** For how long. Then one caller tries. */
  readonly openForMs: number;
  /** How long that caller may take; after it another one tries. */
  readonly probeForMs: number;
}

/** What a call said about the dependency. */
type Verdict = 'works' | 'fails' | 'unknown';

/** Whoever is kept out while a probe is under way asks again after this: it is over when the dependency answers. */
const AFTER_PROBE_MS = 1_000;

/** Keeps callers away from a dependency that fails, for all processes of a service. The clock is the database's. */
export class Circuit {
  readonly #connections: Pick<Connections, 'query'>;
  readonly #settings: CircuitSettings;

  constructor(connections: Pick<Connections, 'query'>, settings: CircuitSettings) {
    this.#connections = connections;
    this.#settings = settings;
  }

  /**
   * Runs `call` if the circuit lets it, and remembers how it went. A TerminalError is an answer, so it counts as one that works; whatever else
   * it throws counts as a failure, unless `signal` was aborted for a reason that has nothing to do with time.
   * @throws CircuitOpenError when the dependency is left alone, or another caller tries it at the moment
   */
  async run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const token = await this.#enter();
    try {
      const value = await call();
      await this.#record(token, 'works');
      return value;
    } catch (error) {
      await this.#record(token, verdictOf(error, signal), error);
      throw error;
    }
  }

  async #enter(): Promise<string> {
    const { name, probeForMs } = this.#settings;
    const token = randomUUID();
    const [row] = await this.#connections.query<EnterRow>(enterCircuit(name, token, probeForMs));
    if (row === undefined || row.state === 'closed' || row.is_probe) return token;
    const openMs = row.state === 'open' ? Math.ceil(row.open_for_ms ?? 0) : 0;
    throw new CircuitOpenError(name, openMs > 0 ? openMs : AFTER_PROBE_MS);
  }

  /** Never rejects: the call's own end matters more, and a probe that nobody answers for is over at its time. */
  async #record(token: string, verdict: Verdict, error?: unknown): Promise<void> {
    await this.#connections.query(this.#recording(token, verdict, error)).catch(() => undefined);
  }

  #recording(token: string, verdict: Verdict, error: unknown): Query {
    const { name, failures, openForMs } = this.#settings;
    if (verdict === 'works') return recordSuccess(name, token);
    return verdict === 'fails' ? recordFailure({ name, failures, openForMs, token, error }) : giveUpProbe(name, token);
  }
}

function verdictOf(error: unknown, signal: AbortSignal | undefined): Verdict {
  if (error instanceof TerminalError) return 'works';
  return signal?.aborted && !(signal.reason instanceof TimeoutError) ? 'unknown' : 'fails';
}
