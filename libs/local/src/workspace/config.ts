import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EbbError, messageOf, parseJson } from '@ebb/core';
import { parseData } from '@ebb/events';
import * as z from 'zod/mini';

const CONFIG_FILE = 'ebb.config.json';

/** What a command line needs to run a container image's program on this machine. */
const LocalCommand = z.strictObject({
  command: z.array(z.string()).check(z.minLength(1)),
  cwd: z.optional(z.string()),
});

const Config = z.strictObject({
  $schema: z.optional(z.string()),
  /** Environment variables for services: `*` for all of them, else by service name. */
  env: z._default(z.record(z.string(), z.record(z.string(), z.string())), {}),
  /** Container image → the command that runs the same program here (for `ebb up -f`). */
  images: z._default(z.record(z.string(), LocalCommand), {}),
  /** Keys of the cluster's `config-autoscaler` ConfigMap, such as "scale-to-zero-grace-period". */
  autoscaler: z._default(z.record(z.string(), z.string()), {}),
});

export type WorkspaceConfig = z.infer<typeof Config>;

/**
 * The folder that holds the workspace around `from`: the nearest one with an `ebb.config.json`, else the nearest with an `apps` folder
 * beside its package.json.
 * @throws EbbError EBB_USAGE when there is none
 */
export function findWorkspace(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, CONFIG_FILE))) return folder;
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'apps'))) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new EbbError(
    'EBB_USAGE',
    `no Ebb workspace here: ${from} is in no folder with ${CONFIG_FILE}, or package.json and apps/`,
  );
}

/** Reads `ebb.config.json`; a workspace without one has the defaults. */
export function readWorkspaceConfig(root: string): WorkspaceConfig {
  const file = join(root, CONFIG_FILE);
  if (!existsSync(file)) return Config.parse({});
  return parseData(Config, readJson(file), file);
}

function readJson(file: string): unknown {
  try {
    return parseJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new EbbError('EBB_CONFIG', `${file}: ${messageOf(error)}`, { cause: error });
  }
}
