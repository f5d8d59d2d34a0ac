import type { Secret } from '@ebb/core';
import pg from 'pg';

/** Connections to the database of the outboxes. */
export interface Pools {
  /** For lanes: each holds a connection, and its lock, for as long as the log takes. */
  readonly lanes: pg.Pool;
  /** For all else, which must go on while every lane waits for a log that does not answer. */
  readonly statements: pg.Pool;
  end(): Promise<void>;
}

const MAX_LANES = 8;
const MAX_STATEMENTS = 2;
const CONNECT_TIMEOUT_MS = 10_000;
/** A lane may wait for a free connection for longer than others wait for the log. */
const LANE_SLACK_MS = 5_000;

/** @param answerTimeoutMs a server that was stopped in the middle, or a network that swallows packets, looks like one that thinks */
export function openPools(url: Secret, answerTimeoutMs: number): Pools {
  const common = {
    connectionString: url.reveal(),
    application_name: 'ebb-relay',
    keepAlive: true,
    query_timeout: answerTimeoutMs,
  };
  const lanes = new pg.Pool({ ...common, max: MAX_LANES, connectionTimeoutMillis: answerTimeoutMs + LANE_SLACK_MS });
  const statements = new pg.Pool({ ...common, max: MAX_STATEMENTS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  for (const pool of [lanes, statements]) {
    // A connection that breaks while idle is replaced at the next use.
    pool.on('error', () => undefined);
  }
  return {
    lanes,
    statements,
    end: async () => {
      await Promise.all([lanes.end(), statements.end()]);
    },
  };
}
