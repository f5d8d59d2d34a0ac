import type { Pool, PoolClient } from 'pg';
import { Identifier } from '../sql.ts';
import { pendingEventOf, type OutboxEventRow, type PendingEvent } from './pending-event.ts';

/** A relay that hangs for longer loses its lane to another one. */
const IDLE_LIMIT_MS = 60_000;

export interface PublishOptions {
  readonly schema: string;
  readonly shard: number;
  /** The most events of one batch. */
  readonly limit: number;
  /** Resolves when the events are durable in their topics. They come in the order in which they must go there. */
  readonly publish: (events: readonly PendingEvent[]) => Promise<void>;
}

/**
 * Publishes the next events of one lane and marks them, in one transaction; returns how many there were.
 * The lane's lock is what keeps the order when several relays work; a lane that another one has gives 0. Pending rows are looked up each time:
 * a cursor would pass over the row of a transaction that commits late. A crash between publishing and the commit publishes again, which every
 * inbox absorbs.
 */
export async function publishPending(pool: Pool, options: PublishOptions): Promise<number> {
  const client = await pool.connect();
  let failure: Error | undefined;
  // A connection that breaks while its events are being published is nobody's statement: without a listener the process would end.
  const onError = (error: Error): void => {
    failure ??= error;
  };
  client.on('error', onError);
  try {
    return await publishBatch(client, options);
  } catch (error) {
    failure ??= error as Error;
    throw failure;
  } finally {
    client.off('error', onError);
    // Closing the connection rolls back and gives the lock free, whatever state it is in.
    client.release(failure);
  }
}

async function publishBatch(client: PoolClient, { schema, shard, limit, publish }: PublishOptions): Promise<number> {
  const outbox = outboxOf(schema);
  await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`);
  const { rows: locks } = await client.query<{ taken: boolean }>({
    name: 'ebb_outbox_lock',
    text: 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2)) AS taken',
    values: [`ebb-outbox\n${schema}`, shard],
  });
  // A statement of its own: its snapshot has to be later than the lock, or it would see again what the lane's last holder marked.
  const rows = locks[0]?.taken ? await readPending(client, outbox, shard, limit) : [];
  if (rows.length > 0) {
    await publish(rows.map(pendingEventOf));
    await client.query(`UPDATE ${outbox} SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])`, [
      rows.map(({ id }) => id),
    ]);
  }
  await client.query('COMMIT');
  return rows.length;
}

async function readPending(
  client: PoolClient,
  outbox: string,
  shard: number,
  limit: number,
): Promise<readonly OutboxEventRow[]> {
  const { rows } = await client.query<OutboxEventRow>(
    `SELECT id, topic, event FROM ${outbox}
     WHERE shard = $1 AND published_at IS NULL AND (available_at IS NULL OR available_at <= now())
     ORDER BY id LIMIT $2`,
    [shard, limit],
  );
  return rows;
}

export function outboxOf(schema: string): string {
  return `${new Identifier(schema).text}.outbox`;
}
