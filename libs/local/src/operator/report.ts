import type { EventLog } from '@ebb/event-log';
import { countParked } from '@ebb/postgres/parked';
import type { Pool } from 'pg';
import type { LagReport, LagRequest, OperatorReport } from '../control/api.ts';
import { circuitReports, reportOf, type ServiceDatabase } from '../database-report.ts';

/** What waits in the databases, and for whom. */
export async function operatorReport(pool: Pool, databases: readonly ServiceDatabase[]): Promise<OperatorReport> {
  const [reports, parked, circuits] = await Promise.all([
    Promise.all(databases.map((database) => reportOf(pool, database))),
    Promise.all(
      databases.map(async ({ service, schema }) => [service, (await countParked(pool, schema)).waiting] as const),
    ),
    Promise.all(databases.map((database) => circuitReports(pool, database))),
  ]);
  return {
    topics: [],
    databases: reports,
    circuits: circuits.flat(),
    outboxPending: reports.reduce((sum, { pending }) => sum + pending, 0),
    parked: Object.fromEntries(parked),
    // They all come to the services' own tables here.
    deadLetters: 0,
  };
}

/** How many events of their topics consumer groups have still to see. Null where the log knows of no such group. */
export async function lagsOf(log: EventLog, { consumers }: LagRequest): Promise<LagReport> {
  const lags = await Promise.all(
    // One topic that is missing hides no other.
    consumers.map(({ group, topic }) => lagOf(log, group, topic).catch(() => null)),
  );
  return { lags };
}

async function lagOf(log: EventLog, group: string, topic: string): Promise<number | null> {
  const [committed, ends] = await Promise.all([log.committed(group, topic), log.endOffsets(topic)]);
  if (committed.size === 0) return null;
  return [...ends].reduce((sum, [partition, end]) => sum + Number(end - (committed.get(partition) ?? end)), 0);
}
