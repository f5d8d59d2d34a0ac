import type { Pool } from 'pg';

/** Deletes the traces that ended before a moment. A trace goes as a whole: half of one shows orphans. */
const DELETE_TRACES_BEFORE = `
  delete from ebb_traces.span old where start_ns < $1 and not exists (
    select 1 from ebb_traces.span newer where newer.trace_id = old.trace_id and newer.start_ns >= $1
  )`;

/** A trace that never ends (a loop of events) must not defeat the bound: its oldest spans go. */
const DELETE_SPANS_BEFORE = 'delete from ebb_traces.span where start_ns < $1';

const FORGET_OPERATIONS = `
  delete from ebb_traces.operation o where not exists (
    select 1 from ebb_traces.span s where s.service = o.service and s.name = o.name and s.kind = o.kind
  )`;

/** How far past the count traces are kept whole. */
const TOLERANCE = 1.1;

/** Deletes what is older than the retention or more than the count; returns how many spans went. */
export async function trimSpans(pool: Pool, retentionMs: number, maxSpans: number): Promise<number> {
  const oldest = BigInt(Date.now() - retentionMs) * 1_000_000n;
  let deleted = await deleteBefore(pool, DELETE_TRACES_BEFORE, oldest);
  const wholeFrom = await startOfNewest(pool, maxSpans);
  if (wholeFrom !== undefined) {
    deleted += await deleteBefore(pool, DELETE_TRACES_BEFORE, wholeFrom);
    const strictFrom = await startOfNewest(pool, Math.ceil(maxSpans * TOLERANCE));
    if (strictFrom !== undefined) deleted += await deleteBefore(pool, DELETE_SPANS_BEFORE, strictFrom);
  }
  if (deleted > 0) await pool.query(FORGET_OPERATIONS);
  return deleted;
}

async function deleteBefore(pool: Pool, statement: string, startNs: bigint): Promise<number> {
  return (await pool.query(statement, [startNs])).rowCount ?? 0;
}

/** The start of the last of the `count` newest spans; undefined when there are not more than that. */
async function startOfNewest(pool: Pool, count: number): Promise<bigint | undefined> {
  const { rows } = await pool.query<{ start_ns: string }>(
    'select start_ns from ebb_traces.span order by start_ns desc offset $1 limit 2',
    [count - 1],
  );
  const [last, beyond] = rows;
  return last && beyond ? BigInt(last.start_ns) : undefined;
}
