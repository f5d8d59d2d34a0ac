import type { WorkerDatabase } from '@ebb/function';
import type { Standing } from './limit-store.ts';

export type SqlOf = WorkerDatabase['db'];

interface HashedTaking {
  readonly key: Buffer;
  readonly requests: number;
  readonly windowMs: number;
}

interface Row {
  readonly key: Buffer;
  readonly used: number;
  readonly resetsInMs: number;
}

/**
 * Counts a request against several limits in one statement, by the clock of PostgreSQL, which is the same for all replicas.
 * In the order of keys: two statements that want the same rows must not wait for each other.
 */
export async function takeInPostgres(db: SqlOf, takings: readonly HashedTaking[]): Promise<readonly Standing[]> {
  const keys = takings.map(({ key }) => key);
  const most = takings.map(({ requests }) => requests);
  const windows = takings.map(({ windowMs }) => windowMs);
  const rows = await db<Row>`
    insert into request_limits as counted (key, used, resets_at)
    select taking.key, 1, now() + taking.window_ms * interval '1 millisecond'
      from unnest(${keys}::bytea[], ${windows}::float8[]) as taking (key, window_ms)
     order by taking.key
    on conflict (key) do update set
      used = case when counted.resets_at <= now() then 1 else counted.used + 1 end,
      resets_at = case when counted.resets_at <= now() then excluded.resets_at else counted.resets_at end
    returning key, used, (extract(epoch from resets_at - now()) * 1000)::float8 as "resetsInMs"`;
  const byKey = new Map(rows.map((row) => [row.key.toString('hex'), row]));
  return keys.map((key, index) => {
    const row = byKey.get(key.toString('hex'));
    // A row for each key is what the statement returns.
    if (!row) throw new TypeError('a limit was not counted');
    return { used: Math.min(row.used, (most[index] ?? 0) + 1), resetsInMs: row.resetsInMs };
  });
}
