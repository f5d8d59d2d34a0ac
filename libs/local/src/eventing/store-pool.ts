import pg from 'pg';

/**
 * Opens the pool of a store in the log's schema and makes its table when it is missing.
 * @throws when the database cannot be reached
 */
export async function openStorePool(url: string, table: string): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'ebb-eventing' });
  // An idle connection that breaks (the database restarts) must not end the runtime; the next query connects again.
  pool.on('error', () => undefined);
  try {
    // Stores and runtimes may start side by side: the lock keeps "if not exists" from colliding with itself.
    await pool.query(`begin;
      select pg_advisory_xact_lock(hashtextextended('ebb_log.eventing', 0));
      create schema if not exists ebb_log;
      ${table};
      commit;`);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}
