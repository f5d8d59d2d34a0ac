import type { Pool, PoolClient } from 'pg';
import { Identifier } from '../sql.ts';
import { pendingEventOf, type OutboxEventRow, type PendingEvent } from './pending-event.ts';
import { putAside, type RefusedEvent } from './put-aside.ts';

/** A relay that hangs for longer loses its lane to another one. */
const IDLE_LIMIT_MS = 60_000;
/** A batch is not read past this, as the rows are stored: compressed where they are large. */
const MAX_BATCH_BYTES = 8_388_608;

const NOTHING: PublishResult = { published: [], refused: [] };

/** What became of a batch. Events that are in neither list stay in the outbox, and come again. */
export interface PublishResult {
  /** Durable in their topics. */
  readonly published: readonly PendingEvent[];
  /** Never to be tried again: they are put aside. */
  readonly refused: readonly RefusedEvent[];
}

export interface PublishOptions {
  readonly schema: string;
  readonly shard: number;
  /** The most events of one batch. */
  readonly limit: number;
  /** Topics to pass over for now, so that one that cannot be written to does not hold up the others. */
  readonly skipTopics?: readonly string[];
  /** Publishes events, which come in the order in which they must go to their topics. */
  readonly publish: (events: readonly PendingEvent[]) => Promise<PublishResult>;
}

/**
 * Publishes the next events of one lane and marks them, in one transaction; returns how many were settled.
 * The lane's lock is what keeps the order when several relays work; a lane that another one has gives 0. Pending rows are looked up each time:
 * a cursor would pass over the row of a transaction that commits late. A crash between publishing and the commit publishes again, which every
 * inbox absorbs.
 */
export async function publishPending(pool: Pool, options: PublishOptions): Promise<number> {
  let failure: Error | undefined;
  const onError = (error: Error): void => {
    failure ??= error;
  };
  const client = await checkOut(pool, onError);
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

/**
 * A connection that breaks while its events are being published is nobody's statement: without a listener the process would end. The listener is
 * there from the first moment, since what reports the connection may report its end in the same breath, before a promise is looked at.
 */
function checkOut(pool: Pool, onError: (error: Error) => void): Promise<PoolClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (!client) {
        reject(error ?? new Error('the pool gave no connection'));
        return;
      }
      client.on('error', onError);
      resolve(client);
    });
  });
}

async function publishBatch(client: PoolClient, options: PublishOptions): Promise<number> {
  const { schema, shard, publish } = options;
  const outbox = outboxOf(schema);
  await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`);
  const { rows: locks } = await client.query<{ taken: boolean }>({
    name: 'ebb_outbox_lock',
    text: 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2)) AS taken',
    values: [`ebb-outbox\n${schema}`, shard],
  });
  // A statement of its own: its snapshot has to be later than the lock, or it would see again what the lane's last holder marked.
  const rows = locks[0]?.taken ? await readPending(client, outbox, options) : [];
  const { published, refused } = rows.length > 0 ? await publish(rows.map(pendingEventOf)) : NOTHING;
  if (published.length > 0) {
    await client.query(`UPDATE ${outbox} SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])`, [
      published.map(({ id }) => id),
    ]);
  }
  if (refused.length > 0) await putAside(client, schema, refused);
  await client.query('COMMIT');
  return published.length + refused.length;
}

/** The first rows of a lane, as many as one batch may hold in memory; at least one, however large it is. */
async function readPending(
  client: PoolClient,
  outbox: string,
  { shard, limit, skipTopics = [] }: PublishOptions,
): Promise<readonly OutboxEventRow[]> {
  const { rows } = await client.query<OutboxEventRow>(
    `SELECT id, topic, event FROM (
       SELECT id, topic, event,
              sum(pg_column_size(event)) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
       FROM (
         SELECT id, topic, event FROM ${outbox}
         WHERE shard = $1 AND published_at IS NULL AND put_aside IS NULL AND (available_at IS NULL OR available_at <= now()) AND topic <> ALL ($3)
         ORDER BY id LIMIT $2
       ) first
     ) sized WHERE coalesce(bytes_before, 0) < $4 ORDER BY id`,
    [shard, limit, skipTopics, MAX_BATCH_BYTES],
  );
  return rows;
}

export function outboxOf(schema: string): string {
  return `${new Identifier(schema).text}.outbox`;
}
