import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CatalogueEntry } from '@ebb/catalogue';
import { messageOf, type Logger, type Secret } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import pg from 'pg';
import { readCatalogue } from './catalogue-file.ts';

export interface OperatorsOptions {
  readonly config: {
    readonly DATABASE_URL: Secret;
    readonly OUTBOX_SCHEMAS: readonly string[];
    readonly TOPICS: readonly string[];
    readonly ANSWER_TIMEOUT: number;
    readonly OPERATOR_TOKEN: Secret | undefined;
    readonly OPERATOR_PORT: number;
    readonly CATALOGUE_FILE: string;
    readonly SERVICES_URL: string;
    readonly EBB_CONTROL_TOKEN: Secret | undefined;
  };
  readonly eventLog: EventLog;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Whoever reaches this address is inside of the pod, or came through the API server with the right to. */
const LOOPBACK = '127.0.0.1';
/** Of its own: a person who looks at a large table must not keep the relay from its work. */
const CONNECTIONS = 2;

/** Answers operators until the signal is aborted. Never rejects: that nobody can look must not keep events from being published. */
export async function serveOperators({ config, eventLog, log: logger, signal }: OperatorsOptions): Promise<void> {
  const { OPERATOR_TOKEN: token, OPERATOR_PORT: port } = config;
  if (!token) return;
  // A relay that nobody may ask starts without it.
  const { createOperator } = await import('@ebb/local/operator');
  const pool = poolOf(config);
  const entries = await readCatalogue(config.CATALOGUE_FILE).catch((error: unknown) => {
    logger.warn({ err: error }, `the catalogue is not known: ${messageOf(error)}`);
    return [];
  });
  const operator = createOperator({
    token,
    pool,
    log: eventLog,
    logger,
    schemas: config.OUTBOX_SCHEMAS,
    entries,
    topics: () => topicsOf(config.TOPICS, entries, eventLog),
    servicesUrl: config.SERVICES_URL,
    controlToken: config.EBB_CONTROL_TOKEN,
  });
  const server = createServer(operator.handle);
  server.on('error', (error) => logger.error({ err: error }, `operators are not answered: ${messageOf(error)}`));
  server.listen(port, LOOPBACK, () => {
    logger.info({ port: (server.address() as AddressInfo).port }, 'operators are answered');
  });
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  server.close();
  server.closeAllConnections();
  await operator.stop();
  await pool.end().catch(() => undefined);
}

function poolOf({ DATABASE_URL, ANSWER_TIMEOUT }: OperatorsOptions['config']): pg.Pool {
  const pool = new pg.Pool({
    connectionString: DATABASE_URL.reveal(),
    application_name: 'ebb-operator',
    max: CONNECTIONS,
    query_timeout: ANSWER_TIMEOUT,
    connectionTimeoutMillis: ANSWER_TIMEOUT,
  });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  return pool;
}

/** A Kafka may hold many more topics, and they are no business of ours. */
async function topicsOf(
  read: readonly string[],
  entries: readonly CatalogueEntry[],
  eventLog: EventLog,
): Promise<readonly string[]> {
  const declared = entries.flatMap(({ events }) => events.map(({ topic }) => topic));
  const known = [...new Set([...read, ...declared])];
  const existing = (await eventLog.topics()).map(({ name }) => name);
  return known.length === 0 ? existing : known.filter((topic) => existing.includes(topic));
}
