import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

/** A file of the workspace as text. */
export function textOf(path: string): string {
  return readFileSync(join(workspace, path), 'utf8');
}
