import { openStorePool } from './store-pool.ts';

/** Remembers when a PingSource ran last, so that runs missed while the runtime was down can be told. */
export interface ScheduleStore {
  lastRun(namespace: string, name: string): Promise<Date | undefined>;
  ran(namespace: string, name: string, at: Date): Promise<void>;
  close(): Promise<void>;
}

const TABLE = `
create table if not exists ebb_log.ping_source (
  namespace text not null,
  name text not null,
  last_run_at timestamptz not null,
  primary key (namespace, name)
)`;

/** Opens the store in PostgreSQL (table `ebb_log.ping_source`). @throws when the database cannot be reached */
export async function openScheduleStore({ url }: { readonly url: string }): Promise<ScheduleStore> {
  const pool = await openStorePool(url, TABLE);
  return {
    close: () => pool.end(),
    async lastRun(namespace, name) {
      const { rows } = await pool.query<{ last_run_at: Date }>(
        'select last_run_at from ebb_log.ping_source where namespace = $1 and name = $2',
        [namespace, name],
      );
      return rows[0]?.last_run_at;
    },
    async ran(namespace, name, at) {
      await pool.query(
        `insert into ebb_log.ping_source (namespace, name, last_run_at) values ($1, $2, $3)
         on conflict (namespace, name) do update set last_run_at = excluded.last_run_at`,
        [namespace, name, at],
      );
    },
  };
}
