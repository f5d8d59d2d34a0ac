import { messageOf, systemClock, type ConfigOf, type Logger, type Secret } from '@ebb/core';
import { openPostgresLog, type EventLog } from '@ebb/event-log';
import type { WorkerContext } from '@ebb/function';
import { listen, OUTBOX_CHANNEL } from '@ebb/postgres';
import pg from 'pg';
import { runHousekeeping } from './housekeeping.ts';
import { OutboxLoop } from './outbox-loop.ts';
import { publisherTo } from './publisher.ts';
import type { RELAY_SETTINGS } from './settings.ts';
import { TopicHealth } from './topic-health.ts';

export type RelayConfig = ConfigOf<typeof RELAY_SETTINGS>;

export type RelayContext = Pick<WorkerContext, 'log' | 'tracer' | 'signal' | 'ready'> & {
  readonly config: RelayConfig;
};

/** Lanes that are published at the same time, and the connections for it. */
const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/** Works on all outboxes until the signal is aborted. What is away for a while (PostgreSQL, the log) is waited for. */
export async function runRelay(context: RelayContext): Promise<void> {
  const { config, log: logger, signal } = context;
  const eventLog = await openLog(config.EVENT_LOG_URL, logger, signal);
  if (!eventLog) return;
  const pool = new pg.Pool({
    connectionString: config.DATABASE_URL.reveal(),
    max: MAX_CONNECTIONS,
    application_name: 'ebb-relay',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  try {
    await work(context, pool, eventLog);
  } finally {
    await pool.end();
    await eventLog.close();
  }
}

/** Never rejects, so that nothing is left running. */
async function work(context: RelayContext, pool: pg.Pool, eventLog: EventLog): Promise<void> {
  const { config, log: logger, tracer, signal } = context;
  const health = new TopicHealth(logger);
  const publish = publisherTo(eventLog, tracer, health);
  const onReached = readyAfterAll(config.OUTBOX_SCHEMAS, context.ready);
  const loops = config.OUTBOX_SCHEMAS.map(
    (schema) =>
      new OutboxLoop({
        pool,
        schema,
        publish,
        health,
        logger,
        signal,
        batchSize: config.BATCH_SIZE,
        pollMinMs: config.POLL_MIN,
        pollMaxMs: config.POLL_MAX,
        onReached: () => onReached(schema),
      }),
  );
  await Promise.all([
    ...loops.map((loop) => loop.run()),
    runHousekeeping({ pool, schemas: config.OUTBOX_SCHEMAS, retentionMs: config.OUTBOX_RETENTION, logger, signal }),
    listen({
      url: config.DATABASE_URL.reveal(),
      channel: OUTBOX_CHANNEL,
      onNotification: (schema) => loops.find((loop) => loop.schema === schema)?.wake(),
      // What was said before is lost.
      onListening: () => loops.forEach((loop) => loop.wake()),
      signal,
    }),
  ]);
}

/** Undefined when it was told to stop before the log could be reached. */
async function openLog(url: Secret, logger: Logger, signal: AbortSignal): Promise<EventLog | undefined> {
  for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    try {
      return await openPostgresLog({ url: url.reveal() });
    } catch (error) {
      if (retryMs === FIRST_RETRY_MS) {
        logger.warn({ err: error }, `the event log is away, events wait in their outboxes: ${messageOf(error)}`);
      }
      await systemClock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
  return undefined;
}

/** Calls `ready` once every outbox could be read. */
function readyAfterAll(schemas: readonly string[], ready: () => void): (schema: string) => void {
  const missing = new Set(schemas);
  if (missing.size === 0) ready();
  return (schema) => {
    if (missing.delete(schema) && missing.size === 0) ready();
  };
}
