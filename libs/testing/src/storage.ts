import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '@ebb/core';
import { decodeHttp, REDELIVERY_TOPIC, type CloudEvent } from '@ebb/events';
import type { Database, OnCrashPoint } from '@ebb/postgres';
import { testDatabase, type Template, type TestDatabase } from '@ebb/test-database';
import type { Scheduled } from './delivery.ts';
import type { Runtime } from './runtime.ts';

/** What a table holds. */
export type Rows = Readonly<Record<string, unknown>>[];

export interface StorageOptions {
  readonly service: string;
  readonly schema: string;
  readonly migrations: URL | string | undefined;
  readonly onPoint: OnCrashPoint;
}

/** Not the service's own. */
const PLATFORM_TABLES = [
  ...['inbox', 'outbox', 'step', 'timer', 'wait', 'signal', 'circuit', 'parked'],
  ...['platform_migration', 'service_migration'],
];

const OWN_TABLES = `
SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($2) ORDER BY relname`;

/** A fresh database with a service's schema, as the service sees it and from outside. */
export class Storage {
  readonly database: Database;
  readonly outside: TestDatabase['outside'];
  readonly url: string;
  readonly schema: string;
  readonly #test: TestDatabase;

  private constructor(test: TestDatabase, schema: string, database: Database) {
    this.#test = test;
    this.outside = test.outside;
    this.url = test.url;
    this.schema = schema;
    this.database = database;
  }

  static async open(runtime: Runtime, { service, schema, migrations, onPoint }: StorageOptions): Promise<Storage> {
    const directory = migrations instanceof URL ? fileURLToPath(migrations) : migrations;
    const test = await testDatabase({ template: migrated(runtime, schema, directory) });
    return new Storage(test, schema, runtime.openDatabase({ url: new Secret(test.url), schema, service, onPoint }));
  }

  /** Where the outbox ends at this moment. */
  async end(): Promise<string> {
    const [row] = await this.#query<{ id: string }>(
      `SELECT coalesce(max(id), 0)::text AS id FROM ${this.#table('outbox')}`,
    );
    return row?.id ?? '0';
  }

  /** What was emitted since then, in order; nothing of what is only sent again. */
  async emittedSince(end: string): Promise<readonly CloudEvent[]> {
    const rows = await this.#query<{ event: string }>(
      `SELECT event::text FROM ${this.#table('outbox')} WHERE id > $1 AND topic <> $2 ORDER BY id`,
      [end, REDELIVERY_TOPIC],
    );
    return rows.map(({ event }) => eventOf(event));
  }

  /** What is to be sent again to functions of the service, in order; each is given once. */
  async takeRedeliveries(): Promise<readonly CloudEvent[]> {
    const rows = await this.#query<{ event: string }>(
      `WITH taken AS (
         UPDATE ${this.#table('outbox')} SET published_at = now() WHERE topic = $1 AND published_at IS NULL RETURNING id, event
       ) SELECT event::text FROM taken ORDER BY id`,
      [REDELIVERY_TOPIC],
    );
    return rows.map(({ event }) => eventOf(event));
  }

  /** The timers of `after`; how a sleep ends is not among them. */
  async timers(): Promise<readonly Scheduled[]> {
    const rows = await this.#query<{ name: string; event: string; topic: string; ms: number }>(
      `SELECT name, event::text, topic, round(extract(epoch FROM due_at - created_at) * 1000)::float8 AS ms
       FROM ${this.#table('timer')} WHERE topic <> $1 ORDER BY due_at, seq`,
      [REDELIVERY_TOPIC],
    );
    return rows.map(({ ms, event, ...timer }) => ({ ...timer, event: eventOf(event), afterMs: ms }));
  }

  /** All rows of the service's own tables, in an order that is the same for the same rows. */
  async rows(): Promise<Readonly<Record<string, Rows>>> {
    const tables = await this.#query<{ name: string }>(OWN_TABLES, [this.schema, PLATFORM_TABLES]);
    const entries: [string, Rows][] = [];
    for (const { name } of tables) {
      entries.push([name, await this.#query(`SELECT t.* FROM ${this.#table(name)} t ORDER BY t::text`)]);
    }
    return Object.fromEntries(entries);
  }

  /** As if the leases of processes that died had run out. */
  async endLeases(): Promise<void> {
    await this.#query(
      `UPDATE ${this.#table('inbox')} SET lease_until = clock_timestamp() - interval '1 ms' WHERE status = 'running'`,
    );
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.#test.drop();
  }

  #table(name: string): string {
    return `${quoted(this.schema)}.${quoted(name)}`;
  }

  async #query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.outside.query<Row>(text, [...values])).rows;
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function eventOf(json: string): CloudEvent {
  const { events } = decodeHttp({ 'content-type': 'application/cloudevents+json' }, Buffer.from(json));
  const [decoded] = events;
  if (!decoded) throw new TypeError('the outbox holds what is no event');
  return decoded.event;
}

/** The schema as its migrations leave it, made once for all tests that want it so. */
function migrated({ migrate, platformMigrations }: Runtime, schema: string, directory: string | undefined): Template {
  const files = directory === undefined || !existsSync(directory) ? [] : readdirSync(directory).sort();
  const hash = createHash('sha256').update(JSON.stringify([schema, platformMigrations]));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(directory ?? '', file)));
  return {
    key: hash.digest('hex'),
    prepare: async (url) => {
      await migrate({ url, schema, ...(directory !== undefined && { directory }) });
    },
  };
}
