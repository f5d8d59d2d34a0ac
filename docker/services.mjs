// What there are images of: every service of the workspace, and the client that `helm test` runs.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BESIDE_APPS = ['test/conformance'];

/** Name → folder, in the order of the names. */
export function findServices(workspace) {
  const apps = readdirSync(join(workspace, 'apps')).map((name) => `apps/${name}`);
  const folders = [...apps, ...BESIDE_APPS].filter((folder) => existsSync(join(workspace, folder, 'src/main.ts')));
  return new Map(folders.map((folder) => [folder.slice(folder.indexOf('/') + 1), folder]).sort());
}
