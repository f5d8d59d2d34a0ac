import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from './engine.fixture.ts';

const execute = promisify(execFile);

export interface ImageFile {
  /** `app/…` */
  readonly name: string;
  /** As `ls` shows them, with the owner's and the group's number. */
  readonly rights: string;
  readonly bytes: number;
  /** Of a file; the times of folders are the builder's, but for new ones (`rewrite-timestamp`). */
  readonly time: string | undefined;
  readonly hash: string | undefined;
}

/** What an image has below /app. */
export async function filesOf(engine: Engine, image: string): Promise<readonly ImageFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-app-'));
  const archive = join(folder, 'app.tar');
  const id = (await engine.docker(['create', image])).trim();
  try {
    const copy = ['-c', 'docker cp "$0:/app" - > "$1"', id, archive];
    await execute('/bin/sh', copy, { env: engine.environment });
    await execute('tar', ['-xf', archive, '-C', folder]);
    const { stdout } = await execute('tar', ['--numeric-owner', '--utc', '--full-time', '-tvf', archive]);
    const files = stdout
      .trim()
      .split('\n')
      .map((line) => parse(line, folder));
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await engine.docker(['rm', id]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function parse(line: string, folder: string): ImageFile {
  const [mode = '', owner = '', bytes = '', date = '', time = '', ...name] = line.split(/\s+/);
  const isFile = mode.startsWith('-');
  const path = name.join(' ').replace(/\/$/, '');
  return {
    name: path,
    rights: `${mode} ${owner}`,
    bytes: Number(bytes),
    time: isFile ? `${date} ${time}` : undefined,
    hash: isFile
      ? createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex')
      : undefined,
  };
}
