import { setPassword } from '@ebb/postgres/migrate';
import pg from 'pg';

export interface MigrateLogOptions {
  /** The role that relays publish with: it may read topics and append. It is made, and given this password. */
  readonly relay?: RoleAccess;
  /** The role of those who read topics, and no more. It is made, and given this password. */
  readonly reader?: RoleAccess;
}

interface RoleAccess {
  readonly role: string;
  readonly password: string;
}

/** The tables of the log, in a schema of their own. Every statement may be repeated. */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS ebb_log;
CREATE TABLE IF NOT EXISTS ebb_log.topic (
  name text PRIMARY KEY,
  partitions int NOT NULL CHECK (partitions > 0),
  retention_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS ebb_log.partition (
  topic text NOT NULL REFERENCES ebb_log.topic (name),
  partition int NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  begin_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS ebb_log.record (
  topic text NOT NULL,
  partition int NOT NULL,
  record_offset bigint NOT NULL,
  key text,
  headers json NOT NULL,
  value bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, record_offset)
);
CREATE TABLE IF NOT EXISTS ebb_log.group_offset (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  committed bigint NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);
`;

/** A number of this code's own, so that two processes that start at once do not both make the tables. */
const LOCK = 7_305_811;

/** Makes the tables of the log and the roles that work with it; safe to repeat, and by several processes at once. */
export async function migrateLog(url: string, { relay, reader }: MigrateLogOptions = {}): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebb-migrate-log' });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(TABLES);
    if (relay) await grantRelay(client, relay);
    if (reader) await grantReader(client, reader);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

async function grantRelay(client: pg.Client, access: RoleAccess): Promise<void> {
  const name = await ensureRole(client, access);
  await client.query(`GRANT SELECT ON ebb_log.topic TO ${name}`);
  await client.query(`GRANT SELECT, UPDATE ON ebb_log.partition TO ${name}`);
  await client.query(`GRANT SELECT, INSERT ON ebb_log.record TO ${name}`);
}

async function grantReader(client: pg.Client, access: RoleAccess): Promise<void> {
  const name = await ensureRole(client, access);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ebb_log TO ${name}`);
}

/** @returns the role's name as SQL writes it */
async function ensureRole(client: pg.Client, { role, password }: RoleAccess): Promise<string> {
  const name = client.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name}`);
  await setPassword(client, role, password);
  await client.query(`GRANT USAGE ON SCHEMA ebb_log TO ${name}`);
  return name;
}
