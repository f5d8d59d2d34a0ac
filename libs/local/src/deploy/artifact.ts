import type { BuiltService } from '@ebb/build';
import type { CatalogueEntry } from '@ebb/catalogue';
import type { Artifact } from '../serving/serving.ts';
import type { WorkspaceConfig } from '../workspace/config.ts';
import type { DatabaseAccess } from './databases.ts';
import { platformVariables, type PlatformParts } from './platform-variables.ts';

export interface ArtifactContext {
  readonly config: WorkspaceConfig;
  readonly platform: PlatformParts;
}

/** How a built app is run on this machine: the same program and settings as in an image. */
export function artifactOf(
  app: BuiltService,
  entry: CatalogueEntry,
  database: DatabaseAccess | undefined,
  { config, platform }: ArtifactContext,
): Artifact {
  return {
    command: [process.execPath, app.main],
    cwd: app.directory,
    hash: app.hash,
    env: {
      ...platformVariables(entry, database, platform),
      ...config.env['*'],
      ...config.env[app.name],
    },
  };
}
