import type { Logger, Secret } from '@ebb/core';
import { migrateLog, openPostgresLog, type EventLog } from '@ebb/event-log';
import { openTraceStore, type TraceStore } from '@ebb/traces';
import pg from 'pg';
import { LOG_READER_ROLE, RELAY_ROLE } from '../deploy/databases.ts';
import type { RolePasswords } from '../deploy/role-passwords.ts';
import { openDeadLetterStore, openScheduleStore, type DeadLetterStore, type ScheduleStore } from '../eventing/index.ts';
import type { StopStack } from './stop-stack.ts';

/** What the platform keeps: all of it in PostgreSQL, but for the event log where that is in Kafka. */
export interface Stores {
  readonly log: EventLog;
  readonly traces: TraceStore;
  readonly deadLetters: DeadLetterStore;
  readonly schedules: ScheduleStore;
  /** For the few questions that `ebb status` asks of the services' schemas. */
  readonly pool: pg.Pool;
}

const HOUSEKEEPING_MS = 60_000;
const POOL_SIZE = 4;

export interface StoresOptions {
  readonly adminUrl: Secret;
  readonly passwords: RolePasswords;
  readonly logger: Logger;
  readonly stack: StopStack;
  /** The event log where it is not in PostgreSQL. */
  readonly openLog: (() => Promise<EventLog>) | undefined;
}

export async function openStores({ adminUrl, passwords, logger, stack, openLog }: StoresOptions): Promise<Stores> {
  const url = adminUrl.reveal();
  const access = (role: string) => ({ role, password: passwords.of(role) });
  await migrateLog(url, { relay: access(RELAY_ROLE), reader: access(LOG_READER_ROLE) });
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, application_name: 'ebb-status' });
  pool.on('error', (error) => logger.info({ err: error }, 'an idle connection to PostgreSQL broke'));
  stack.push('the status pool', () => pool.end());
  const opened = <T extends { close(): Promise<void> }>(name: string, store: T): T => {
    stack.push(name, () => store.close());
    return store;
  };
  const [log, traces, deadLetters, schedules] = await Promise.all([
    (openLog?.() ?? openPostgresLog({ url, logger })).then((store) => opened('the event log', store)),
    openTraceStore({ url }).then((store) => opened('the trace store', store)),
    openDeadLetterStore({ url }).then((store) => opened('the dead letter store', store)),
    openScheduleStore({ url }).then((store) => opened('the schedule store', store)),
  ]);
  const housekeeping = setInterval(() => trim(logger, log, traces), HOUSEKEEPING_MS);
  stack.push('housekeeping', () => clearInterval(housekeeping));
  return { log, traces, deadLetters, schedules, pool };
}

function trim(logger: Logger, ...stores: readonly { trim(): Promise<number> }[]): void {
  for (const store of stores) {
    store.trim().catch((error: unknown) => logger.warn({ err: error }, 'old records stay for now'));
  }
}
