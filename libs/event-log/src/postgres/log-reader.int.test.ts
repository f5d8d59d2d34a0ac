import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dropRoles, testDatabase, type TestDatabase } from '@ebb/test-database';
import type { EventLog } from '../event-log.ts';
import { readAll } from '../read-all.ts';
import { openPostgresLog } from './postgres-log.ts';
import { migrateLog } from './schema.ts';

const record = { key: null, headers: {}, value: Buffer.from('{}') };
const role = `reader_${process.pid}`;

describe('the role of those who only read topics', () => {
  let database: TestDatabase;
  let owner: EventLog;
  let reader: EventLog;

  beforeAll(async () => {
    database = await testDatabase();
    for (const password of ['first', 'second']) await migrateLog(database.url, { reader: { role, password } });
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'second'];
    owner = await openPostgresLog({ url: database.url });
    reader = await openPostgresLog({ url: url.href });
    await owner.createTopic({ name: 'orders', partitions: 1, retentionMs: 86_400_000 });
  }, 60_000);
  afterAll(async () => {
    await reader.close();
    await owner.close();
    // Roles belong to the server, which other tests share.
    await dropRoles((text) => database.outside.query(text), role);
    await database.drop();
  });

  it('sees topics, and what they hold', async () => {
    expect((await reader.topics()).map(({ name }) => name)).toEqual(['orders']);
    await owner.append('orders', [record]);
    expect(await readAll(reader, 'orders')).toHaveLength(1);
  });

  it('makes none, and writes to none', async () => {
    await expect(reader.createTopic({ name: 'mine', partitions: 1, retentionMs: 1 })).rejects.toThrow(
      'permission denied',
    );
    await expect(reader.append('orders', [record])).rejects.toThrow('permission denied');
  });
});
