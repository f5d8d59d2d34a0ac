import type { Pool } from 'pg';

/** Applied in order, once each. Never change one that was released: add another. */
const MIGRATIONS: readonly string[] = [
  `create table ebb_traces.span (
     trace_id text not null,
     span_id text not null,
     parent_span_id text,
     service text not null,
     name text not null,
     kind text not null,
     start_ns bigint not null,
     end_ns bigint not null,
     status_code text not null,
     status_message text,
     attributes jsonb not null,
     events jsonb not null,
     links jsonb not null,
     resource jsonb not null,
     scope jsonb,
     trace_state text,
     event_id text,
     primary key (trace_id, span_id)
   );
   create index span_by_operation on ebb_traces.span (service, name, start_ns desc);
   create index span_by_service on ebb_traces.span (service, start_ns desc);
   create index span_by_start on ebb_traces.span (start_ns);
   create index span_by_event on ebb_traces.span (event_id, start_ns) where event_id is not null;
   create table ebb_traces.operation (
     service text not null,
     name text not null,
     kind text not null,
     primary key (service, name, kind)
   );`,
];

/** Any number: the lock that makes two processes that start at once take turns. */
const LOCK = 7_205_759_403;

/** Brings the schema `ebb_traces` up to date: one short query when it is already. */
export async function migrateTraces(pool: Pool): Promise<void> {
  if ((await appliedCount(pool)) >= MIGRATIONS.length) return;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('create schema if not exists ebb_traces');
    await client.query(
      'create table if not exists ebb_traces.migration (number int primary key, applied_at timestamptz default now())',
    );
    const applied = await appliedCount(client);
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < applied) continue;
      await client.query(migration);
      await client.query('insert into ebb_traces.migration (number) values ($1)', [index + 1]);
    }
    await client.query('commit');
    client.release();
  } catch (error) {
    // The transaction is in an unknown state: the connection goes with it.
    client.release(true);
    throw error;
  }
}

async function appliedCount(database: Pick<Pool, 'query'>): Promise<number> {
  const { rows } = await database.query<{ ready: boolean }>(
    `select to_regclass('ebb_traces.migration') is not null as ready`,
  );
  if (!rows[0]?.ready) return 0;
  const { rows: counts } = await database.query<{ count: number }>(
    'select count(*)::int as count from ebb_traces.migration',
  );
  return counts[0]?.count ?? 0;
}
