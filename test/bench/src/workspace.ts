import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository: this runs as a bundle, somewhere inside of it. */
export const WORKSPACE = rootOf(import.meta.dirname);

function rootOf(folder: string): string {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (folder === dirname(folder)) throw new Error(`${import.meta.dirname} is not inside the repository`);
  return rootOf(dirname(folder));
}
