import type { Pool, QueryResult } from 'pg';
import { driverQuery, type Query } from '../connections.ts';
import { notifyOutbox } from '../outbox/notify-outbox.ts';
import { Identifier } from '../sql.ts';
import type { Querier } from './turn.ts';

/** A person waits for the answer, and the row may belong to a handler that is at work. */
const LOCK_TIMEOUT_MS = 5_000;

/** Runs one transaction in a service's schema, for those who look after it from outside; the relay is told to look. */
export async function inSchema<T>(pool: Pool, schema: string, run: (tx: Querier) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query(
      `BEGIN; SET LOCAL search_path = ${new Identifier(schema).text}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
    );
    const result = await run({
      query: <Row extends object>(query: Query): Promise<QueryResult<Row>> => client.query<Row>(driverQuery(query)),
    });
    await client.query('COMMIT');
    await client.query(driverQuery(notifyOutbox(schema)));
    return result;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // Closing the connection rolls back, whatever state it is in.
    client.release(failure);
  }
}
