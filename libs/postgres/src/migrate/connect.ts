import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/** A connection of its own for the time of `run`. */
export async function withConnection<T>(url: string, name: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks fails the statement that is under way; without a listener it would end the process as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/** Holds a lock of the database while `run` is, so that the same work elsewhere waits its turn. */
export async function withLock<T>(client: Client, name: string, run: () => Promise<T>): Promise<T> {
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  try {
    return await run();
  } finally {
    // A connection that broke has given the lock back already.
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => undefined);
  }
}

/** Whoever changes what is in a schema, or who may use it, holds this: two grants on one table at once are an error to PostgreSQL. */
export const lockOfSchema = (schema: string): string => `ebb-migrate\n${schema}`;
