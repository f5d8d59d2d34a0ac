import { ConfigError, loadConfig, messageOf } from '@ebb/core';

import type { ServiceDefinition } from './definition/service.ts';
import type { WorkerDefinition } from './definition/worker.ts';
import { EXIT_CONFIG, EXIT_FAILURE, EXIT_USAGE, exitWith } from './process/lifecycle.ts';
import { runService } from './process/run-service.ts';
import { settingsOf, type ProcessConfig } from './process/settings.ts';

const SIGTERM = 15;

type Definition = ServiceDefinition | WorkerDefinition;

/** What a process does instead of serving. */
const MODES: Readonly<Record<string, (definition: Definition) => Promise<void>>> = {
  '--describe': printDescription,
  '--migrate': makeDatabaseReady,
};

/**
 * Runs a service or a worker as this process. With `--describe` it prints its catalogue entry as JSON instead, for which
 * it needs no settings; with `--migrate` it makes its database ready. Settings that do not hold are all printed, and the process exits with 78.
 */
export function serve(definition: Definition): void {
  const [option] = process.argv.slice(2);
  const run = option === undefined ? start : MODES[option];
  // A misspelt option must not serve: whoever gave it waits for the end.
  if (!run)
    exitWith(
      new Error(`${definition.name}: "${String(option)}" is none of ${Object.keys(MODES).join(', ')}`),
      EXIT_USAGE,
    );
  run(definition).catch(exitWith);
}

async function start(definition: Definition): Promise<void> {
  const config = orExit(definition, () =>
    // eslint-disable-next-line no-restricted-properties -- here loadConfig is given the environment, for all of a service
    loadConfig(settingsOf(definition), process.env),
  ) as unknown as ProcessConfig;
  if (definition.kind === 'service') return runService(definition, config);
  // What is only for workers costs a service nothing.
  const { runWorker } = await import('./process/run-worker.ts');
  return runWorker(definition, config);
}

async function makeDatabaseReady(definition: Definition): Promise<void> {
  // The first process of a container ends at a signal only when it says so. What is half done rolls back.
  process.once('SIGTERM', () => process.exit(128 + SIGTERM));
  const { runMigration } = await import('./process/run-migration.ts');
  // eslint-disable-next-line no-restricted-properties -- as above
  const report = await runMigration(definition, process.env).catch((error: unknown) => failed(definition, error));
  process.stdout.write(`${definition.name}: ${report}\n`, () => process.exit(0));
}

function orExit<T>(definition: Definition, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return failed(definition, error);
  }
}

function failed({ name }: Definition, error: unknown): never {
  exitWith(
    new Error(`${name}: ${messageOf(error)}`, { cause: error }),
    error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILURE,
  );
}

async function printDescription(definition: Definition): Promise<void> {
  const { describe } = await import('./describe/describe.ts');
  const text = `${JSON.stringify(await describe(definition), undefined, 2)}\n`;
  process.stdout.write(text, () => process.exit(0));
}
