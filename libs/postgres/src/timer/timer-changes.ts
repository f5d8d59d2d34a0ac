import type { Query } from '../connections.ts';
import { storedKey } from '../delivery/inbox-key.ts';
import { outboxRow, type OutboxRow } from '../outbox/enqueue.ts';
import type { Timer } from './timer.ts';

/**
 * The rows of the new ones get their `seq` in the order of the arrays: the order of those that are due at the same time. The two halves see the
 * same snapshot, so no name is in both.
 */
const WRITE_TIMERS = `
WITH cancelled AS (
  DELETE FROM timer WHERE name = ANY ($1::text[])
)
INSERT INTO timer (name, due_at, shard, partition_key, topic, event, cause_id)
SELECT name, coalesce(due_at, clock_timestamp() + after_ms * interval '1 millisecond'), shard, partition_key, topic, event, cause_id
FROM unnest($2::text[], $3::timestamptz[], $4::float8[], $5::smallint[], $6::text[], $7::text[], $8::json[], $9::text[])
  WITH ORDINALITY AS r (name, due_at, after_ms, shard, partition_key, topic, event, cause_id, nth)
ORDER BY nth
ON CONFLICT (name) DO UPDATE
  SET due_at = EXCLUDED.due_at, shard = EXCLUDED.shard, partition_key = EXCLUDED.partition_key, topic = EXCLUDED.topic,
      event = EXCLUDED.event, cause_id = EXCLUDED.cause_id, seq = DEFAULT, created_at = DEFAULT`;

interface TimerRow extends OutboxRow {
  readonly dueAt: string | null;
  readonly afterMs: number | null;
}

/** What one transaction does to timers. The last call for a name is the one that counts. */
export class TimerChanges {
  /** undefined: cancelled. */
  readonly #byName = new Map<string, TimerRow | undefined>();

  /** @throws EbbError EBB_TOO_LARGE, now and not when it is due: then nobody could do anything about it */
  schedule(timer: Timer): void {
    const { dueAt, afterMs } = timer;
    this.#set(timer.name, { ...outboxRow(timer), dueAt: dueAt?.toISOString() ?? null, afterMs: afterMs ?? null });
  }

  cancel(name: string): void {
    this.#set(name, undefined);
  }

  /** Undefined when there is nothing to write. */
  query(): Query | undefined {
    if (this.#byName.size === 0) return undefined;
    const changes = [...this.#byName];
    const scheduled = changes.filter((change): change is [string, TimerRow] => change[1] !== undefined);
    const rows = scheduled.map(([, row]) => row);
    return {
      name: 'ebb_timer_write',
      text: WRITE_TIMERS,
      span: 'INSERT timer',
      values: [
        changes.filter(([, row]) => row === undefined).map(([name]) => name),
        scheduled.map(([name]) => name),
        rows.map(({ dueAt }) => dueAt),
        rows.map(({ afterMs }) => afterMs),
        rows.map(({ shard }) => shard),
        rows.map(({ key }) => key),
        rows.map(({ topic }) => topic),
        rows.map(({ json }) => json),
        rows.map(({ causeId }) => causeId),
      ],
    };
  }

  #set(name: string, row: TimerRow | undefined): void {
    const stored = storedKey(name);
    // Set anew at the end: the order of the calls is the order of what is due at the same time.
    this.#byName.delete(stored);
    this.#byName.set(stored, row);
  }
}
