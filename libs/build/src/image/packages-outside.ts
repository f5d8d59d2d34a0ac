import { isBuiltin } from 'node:module';

import { OPTIONAL, type Metafile } from '../compile.ts';

/** What a bundle loads that is neither in it nor Node's: it would not run where nothing is installed. */
export function packagesOutside({ outputs }: Metafile): readonly string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const outside = imports.flatMap(({ path, external }) => (external ? [path] : []));
  return [...new Set(outside)].filter((path) => !isBuiltin(path) && !OPTIONAL.includes(path)).sort();
}
