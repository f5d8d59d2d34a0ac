import { join } from 'node:path';
import { buildService, describeService, findApps, type BuiltService } from '@ebb/build';
import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';

/** An app that was built, and what it says of itself. */
export interface DescribedApp extends BuiltService {
  readonly entry: CatalogueEntry;
}

/**
 * Builds the named apps of a workspace, or all of them, each into its own `dist` folder.
 * @throws EbbError EBB_USAGE when an app does not exist; BuildError when one does not compile
 */
export async function buildApps(root: string, names: readonly string[]): Promise<readonly BuiltService[]> {
  const apps = await findApps(root);
  const unknown = names.filter((name) => !apps.some((app) => app.name === name));
  if (unknown.length > 0) {
    const known = apps.map(({ name }) => name).join(', ');
    throw new EbbError('EBB_USAGE', `no such service: ${unknown.join(', ')} (there are: ${known || 'none'})`);
  }
  const wanted = names.length === 0 ? apps : apps.filter(({ name }) => names.includes(name));
  return Promise.all(
    wanted.map(({ directory }) =>
      buildService({ root, app: directory, outdir: join(directory, 'dist'), codeCache: true }),
    ),
  );
}

export async function describeApps(root: string, names: readonly string[]): Promise<readonly DescribedApp[]> {
  const built = await buildApps(root, names);
  return Promise.all(built.map(async (app) => ({ ...app, entry: await describeService(app.main) })));
}
