import { randomUUID } from 'node:crypto';
import { Secret } from '@ebb/core';
import { payloadSha, type CloudEvent, type DecodedEvent } from '@ebb/events';
import { testDatabase } from '@ebb/test-database';
import pg from 'pg';
import type { Database, DeliveryKey } from './database.ts';
import { migrate } from './migrate/index.ts';
import { openDatabase, type DatabaseOptions } from './open-database.ts';

/** A service's database, and a view on it from outside. */
export interface ServiceDatabase {
  readonly url: string;
  readonly schema: string;
  readonly database: Database;
  readonly outside: pg.Pool;
  /** Rows of a statement, run in the schema. */
  rows<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A further process of the service; closed with the rest. */
  open(options?: Partial<DatabaseOptions>): Database;
  close(): Promise<void>;
}

/** A migrated schema with a table `effect (what text)` for handlers to write to. */
export async function serviceDatabase(schema = 'shop'): Promise<ServiceDatabase> {
  const test = await testDatabase();
  const { url } = test;
  await migrate({ url, schema });
  const outside = new pg.Pool({ connectionString: url, max: 4, options: `-c search_path=${schema}` });
  outside.on('error', () => undefined);
  await outside.query('CREATE TABLE effect (what text NOT NULL)');
  const opened: Database[] = [];
  const open = (options: Partial<DatabaseOptions> = {}): Database => {
    const database = openDatabase({ url: new Secret(url), schema, ...options });
    opened.push(database);
    return database;
  };
  return {
    url,
    schema,
    database: open(),
    outside,
    rows: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await outside.query<Row>(text, [...values])).rows,
    open,
    close: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await outside.end();
      await test.drop();
    },
  };
}

export function exampleEvent(overrides: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/svc/shop',
    type: 'dev.ebb.shop.thing.sold.v1',
    datacontenttype: 'application/json',
    subject: 'thing-1',
    partitionkey: 'thing-1',
    data: { thing: 1 },
    ...overrides,
  };
}

export function deliveryOf(event: CloudEvent = exampleEvent(), overrides: Partial<DeliveryKey> = {}): DeliveryKey {
  const decoded: DecodedEvent = { event, payload: Buffer.from(JSON.stringify(event.data)) };
  return {
    fn: 'sell',
    source: event.source,
    id: event.id,
    payloadSha: payloadSha(decoded),
    event: decoded,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    retryBudget: 3,
    ...overrides,
  };
}
