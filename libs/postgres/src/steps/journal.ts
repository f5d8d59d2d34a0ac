import type { Query } from '../connections.ts';
import type { OnCrashPoint } from '../delivery/crash-point.ts';
import type { HeldLease } from '../leased/lease.ts';
import type { OpenTransaction } from '../open-transaction.ts';

/** What gave nothing (undefined) has no output; one that gave null has that. The driver reads both as null. */
const LOAD = `SELECT name, state, output, output IS NULL AS gave_nothing, error FROM step WHERE fn = $1 AND source = $2 AND event_id = $3`;

const UPSERT = `
ON CONFLICT (fn, source, event_id, name) DO UPDATE
  SET state = EXCLUDED.state, output = EXCLUDED.output, error = EXCLUDED.error, lease_token = EXCLUDED.lease_token
RETURNING name`;

/** Whoever takes over waits for this row, or this statement for the takeover: it cannot be written by one who lost the lease. */
const WRITE = `
WITH held AS (
  SELECT FROM inbox WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4 AND status = 'running' FOR SHARE
)
INSERT INTO step (fn, source, event_id, name, nth, state, output, error, lease_token)
SELECT $1, $2, $3, $5, $6, $7, $8, $9, $4 FROM held${UPSERT}`;

const WRITE_IN_TRANSACTION = `
INSERT INTO step (fn, source, event_id, name, nth, state, output, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)${UPSERT}`;

const FORGET = `
WITH held AS (
  SELECT FROM inbox WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4 AND status = 'running' FOR SHARE
), forgotten AS (
  -- It runs whether or not somebody looks at it: a process that lost the lease must not delete what its successor has begun.
  DELETE FROM step WHERE fn = $1 AND source = $2 AND event_id = $3 AND name = $5 AND EXISTS (SELECT FROM held)
)
SELECT 1 AS held FROM held`;

/** How far a step has come. `intent`: its effect was about to happen, and nobody wrote down whether it did. */
export interface StepState {
  readonly state: 'intent' | 'done' | 'failed';
  /** What it gave, as JSON carries it; of an intent, what it needs to go on. */
  readonly output: unknown;
  /** Why it failed for good. */
  readonly error: string | null;
}

interface StepRow extends StepState {
  readonly name: string;
  readonly gave_nothing: boolean;
}

/** What the steps of one delivery have come to, read once at the start of a run; every write is the lease holder's. */
export class StepJournal {
  readonly #lease: HeldLease;
  readonly #steps: Map<string, StepState>;
  readonly #onPoint: OnCrashPoint | undefined;
  #written: number;

  private constructor(lease: HeldLease, rows: readonly StepRow[], onPoint: OnCrashPoint | undefined) {
    this.#lease = lease;
    this.#onPoint = onPoint;
    this.#steps = new Map(
      rows.map(({ name, state, output, gave_nothing, error }) => [
        name,
        { state, output: gave_nothing ? undefined : output, error },
      ]),
    );
    this.#written = rows.length;
  }

  static async open(lease: HeldLease, onPoint?: OnCrashPoint): Promise<StepJournal> {
    return new StepJournal(lease, await lease.read<StepRow>({ name: 'ebb_step_load', text: LOAD }), onPoint);
  }

  get(name: string): StepState | undefined {
    return this.#steps.get(name);
  }

  /** @throws LeaseLostError */
  async write(name: string, step: Partial<StepState> & Pick<StepState, 'state'>): Promise<void> {
    const state = { output: undefined, error: null, ...step };
    const onPoint = this.#onPoint;
    if (onPoint && step.state === 'done') await onPoint('step-effect', name);
    await this.#lease.write({
      name: 'ebb_step_write',
      text: WRITE,
      span: 'INSERT step',
      values: this.#values(name, state),
    });
    this.#steps.set(name, state);
    if (onPoint) await onPoint(step.state === 'intent' ? 'step-intent' : 'step-output', name);
  }

  /** As {@link write}, committed with the rest of a transaction of the lease. */
  async writeIn(tx: OpenTransaction, name: string, step: Partial<StepState> & Pick<StepState, 'state'>): Promise<void> {
    const state = { output: undefined, error: null, ...step };
    const { fn, source, eventId } = this.#lease.key;
    await tx.query({
      text: WRITE_IN_TRANSACTION,
      span: 'INSERT step',
      values: [fn, source, eventId, ...this.#values(name, state)],
    } satisfies Query);
  }

  /** The effect did not happen: as if the step had not been begun. @throws LeaseLostError */
  async forget(name: string): Promise<void> {
    await this.#lease.write({ name: 'ebb_step_forget', text: FORGET, span: 'DELETE step', values: [name] });
    this.#steps.delete(name);
  }

  #values(name: string, { state, output, error }: StepState): unknown[] {
    if (!this.#steps.has(name)) this.#written += 1;
    return [name, this.#written, state, output === undefined ? null : JSON.stringify(output), error];
  }
}
