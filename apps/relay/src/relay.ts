import { systemClock, type Logger, type Secret } from '@ebb/core';
import { openPostgresLog, type EventLog } from '@ebb/event-log';
import type { WorkerContext } from '@ebb/function';
import { trimInbox, trimOutbox } from '@ebb/postgres';
import pg from 'pg';
import { LaneLoop } from './lane-loop.ts';
import { publisherTo } from './publisher.ts';
import { listenForCommits } from './wake-up.ts';

export interface RelayConfig {
  readonly DATABASE_URL: Secret;
  readonly EVENT_LOG_URL: Secret;
  readonly OUTBOX_SCHEMAS: readonly string[];
  readonly BATCH_SIZE: number;
  readonly POLL_MIN: number;
  readonly POLL_MAX: number;
}

type Context = Pick<WorkerContext, 'log' | 'tracer' | 'signal' | 'ready'> & { readonly config: RelayConfig };

/** Lanes that are published at the same time, and the connections for it. */
const MAX_CONNECTIONS = 8;
const OPEN_RETRY_MS = 500;
const HOUSEKEEPING_MS = 60 * 60 * 1_000;

/** Works on all outboxes until the signal is aborted. What is away for a while (PostgreSQL, the log) is waited for. */
export async function runRelay({ config, log: logger, tracer, signal, ready }: Context): Promise<void> {
  const url = config.DATABASE_URL.reveal();
  const pool = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS, application_name: 'ebb-relay' });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  const eventLog = await openLog(config.EVENT_LOG_URL, logger, signal);
  if (!eventLog) {
    await pool.end();
    return;
  }
  const publish = publisherTo(eventLog, tracer);
  const loops = config.OUTBOX_SCHEMAS.map(
    (schema) => new LaneLoop({ ...options(config), pool, schema, publish, logger, signal }),
  );
  const stopListening = listenForCommits(url, (schema) => loops.find((loop) => loop.schema === schema)?.wake());
  const housekeeping = setInterval(() => void trim(pool, config.OUTBOX_SCHEMAS, logger), HOUSEKEEPING_MS);
  ready();
  try {
    await Promise.all([...loops.map((loop) => loop.run()), untilAborted(signal)]);
  } finally {
    clearInterval(housekeeping);
    await stopListening();
    await eventLog.close();
    await pool.end();
  }
}

const options = ({ BATCH_SIZE, POLL_MIN, POLL_MAX }: RelayConfig) => ({
  batchSize: BATCH_SIZE,
  pollMinMs: POLL_MIN,
  pollMaxMs: POLL_MAX,
});

async function openLog(logUrl: Secret, logger: Logger, signal: AbortSignal): Promise<EventLog | undefined> {
  while (!signal.aborted) {
    try {
      return await openPostgresLog({ url: logUrl.reveal() });
    } catch (error) {
      logger.warn({ err: error }, 'the event log is away; events wait in their outboxes');
      await systemClock.sleep(OPEN_RETRY_MS, signal).catch(() => undefined);
    }
  }
  return undefined;
}

async function trim(pool: pg.Pool, schemas: readonly string[], logger: Logger): Promise<void> {
  for (const schema of schemas) {
    try {
      await trimInbox(pool, schema);
      await trimOutbox(pool, schema);
    } catch (error) {
      logger.warn({ err: error, schema }, 'old rows stay for now');
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
