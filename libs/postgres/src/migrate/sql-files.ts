import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { EbbError, messageOf } from '@ebb/core';

/** SQL that is run once. */
export interface Migration {
  /** The file's name without its ending. */
  readonly name: string;
  readonly sql: string;
}

/** What follows a line `-- Down Migration` takes back what stands before it, and is not run here. */
const UP = /^\s*--[\s-]*up\s+migration.*$/im;
const DOWN = /^\s*--[\s-]*down\s+migration/im;

/**
 * The SQL files of a folder in the order of their numbers, so that 2 comes before 10.
 * @throws EbbError EBB_RUNTIME naming the folder that cannot be read
 */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  try {
    const files = (await readdir(directory)).filter((file) => extname(file) === '.sql');
    files.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return await Promise.all(
      files.map(async (file) => ({
        name: basename(file, '.sql'),
        sql: upPart(await readFile(join(directory, file), 'utf8')),
      })),
    );
  } catch (error) {
    throw new EbbError('EBB_RUNTIME', `cannot read the migrations: ${messageOf(error)}`, { cause: error });
  }
}

function upPart(text: string): string {
  const down = text.search(DOWN);
  const up = UP.exec(text);
  if (down < 0) return text;
  // The two parts may come in either order.
  return up && up.index > down ? text.slice(up.index) : text.slice(0, down);
}
