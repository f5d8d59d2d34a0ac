import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogueEntry } from '@ebb/catalogue';
import { newId } from '@ebb/core';
import { payloadSha, type DecodedEvent } from '@ebb/events';
import { startPostgres, type EmbeddedPostgres } from '@ebb/embedded-postgres';
import { openDatabase, type Database } from '@ebb/postgres';
import { until } from '../eventing/until.fixture.ts';
import { prepareDatabase } from './databases.ts';
import type { RolePasswords } from './role-passwords.ts';

const MARK = 'this is logged';

describe('the log of PostgreSQL', () => {
  const logged: string[] = [];
  let directory: string;
  let postgres: EmbeddedPostgres | undefined;
  let database: Database | undefined;

  beforeAll(async () => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'ebb-quiet-')));
    // As root, PostgreSQL runs as another user, who must be able to come here.
    chmodSync(directory, 0o711);
    postgres = await startPostgres({ directory, durable: false, onLog: (line) => logged.push(line) });
    const entry = { name: 'shop', database: { schema: 'shop', migrations: false } } as unknown as CatalogueEntry;
    const access = await prepareDatabase(entry, undefined, {
      adminUrl: postgres.url,
      passwords: { of: () => 'secret' } as unknown as RolePasswords,
    });
    if (access) database = openDatabase(access);
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await postgres?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('says nothing of duplicates, and all that went wrong', async () => {
    const event: DecodedEvent = {
      event: {
        specversion: '1.0',
        id: newId(),
        source: '/s',
        type: 't',
        datacontenttype: 'application/json',
        data: {},
      },
      payload: undefined,
    };
    const { id, source } = event.event;
    const key = { fn: 'f', source, id, event, retryBudget: 3, payloadSha: payloadSha(event) };
    const outcomes: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { outcome } = await database!.deliver(key, async ({ db }) => {
        await db`select 1`;
      });
      outcomes.push(outcome);
    }
    expect(outcomes).toEqual(['done', 'duplicate', 'duplicate']);
    await expect(database!.db`select ${MARK}::int`).rejects.toThrow(MARK);
    await until('the error is logged', () => logged.some((line) => line.includes(MARK)), 20_000);
    expect(logged.filter((line) => line.includes('delivery is settled'))).toEqual([]);
  }, 60_000);
});
