import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** One deployable of the workspace; `directory` is absolute. */
export interface App {
  readonly name: string;
  readonly directory: string;
}

/** Every folder of `apps/` that has a `src/main.ts`, in the order of their names. */
export async function findApps(root: string): Promise<readonly App[]> {
  const apps = join(root, 'apps');
  const entries = await readdir(apps, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(apps, entry.name, 'src', 'main.ts')))
    .map(({ name }) => ({ name, directory: join(apps, name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
