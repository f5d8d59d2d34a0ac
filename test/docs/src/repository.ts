import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ROOT = rootOf(import.meta.dirname);

/** What is not written by hand, or not part of the repository. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'tmp', 'coverage', '.git', '.nx', '.ebb']);

/** Every document of the repository, by its path. */
export function documents(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : documents(path);
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function rootOf(folder: string): string {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (folder === dirname(folder)) throw new Error(`${import.meta.dirname} is not inside the repository`);
  return rootOf(dirname(folder));
}
