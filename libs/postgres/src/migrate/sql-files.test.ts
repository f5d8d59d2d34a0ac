import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readMigrations } from './sql-files.ts';

describe('SQL files', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ebb-sql-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const sqlOf = async (text: string): Promise<string> => {
    await writeFile(join(directory, '1_only.sql'), text);
    return (await readMigrations(directory))[0]!.sql.trim();
  };

  it('are read in the order of their numbers, and nothing beside them', async () => {
    for (const name of ['10_last.sql', '9_middle.sql', '0002_first.sql', 'README.md', 'old.sql.txt']) {
      await writeFile(join(directory, name), 'select 1');
    }
    expect((await readMigrations(directory)).map(({ name }) => name)).toEqual(['0002_first', '9_middle', '10_last']);
  });

  it('are run without what would take them back', async () => {
    expect(await sqlOf('create table a ();')).toBe('create table a ();');
    expect(await sqlOf('-- Up Migration\ncreate table a ();\n-- Down Migration\ndrop table a;')).toBe(
      '-- Up Migration\ncreate table a ();',
    );
    expect(await sqlOf('create table a ();\n  -- down migration\ndrop table a;')).toBe('create table a ();');
    expect(await sqlOf('--- Down Migration\ndrop table a;\n--- Up Migration\ncreate table a ();')).toBe(
      '--- Up Migration\ncreate table a ();',
    );
  });

  it('must be there', async () => {
    await expect(readMigrations(join(directory, 'nowhere'))).rejects.toThrow(/cannot read the migrations.*nowhere/);
  });
});
