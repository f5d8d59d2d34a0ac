import { ConfigError, loadConfig } from '@ebb/core';

import type { ServiceDefinition } from './definition/service.ts';
import type { WorkerDefinition } from './definition/worker.ts';
import { EXIT_CONFIG, exitWith } from './process/lifecycle.ts';
import { runService } from './process/run-service.ts';
import { runWorker } from './process/run-worker.ts';
import { settingsOf, type ProcessConfig } from './process/settings.ts';

/**
 * Runs a service or a worker as this process. With `--describe` it prints its catalogue entry as JSON instead, for which
 * it needs no settings. Settings that do not hold are all printed, and the process exits with 78.
 */
export function serve(definition: ServiceDefinition | WorkerDefinition): void {
  const run = process.argv.includes('--describe') ? printDescription : start;
  run(definition).catch(exitWith);
}

async function start(definition: ServiceDefinition | WorkerDefinition): Promise<void> {
  const config = readConfig(definition);
  if (definition.kind === 'service') await runService(definition, config);
  else await runWorker(definition, config);
}

function readConfig(definition: ServiceDefinition | WorkerDefinition): ProcessConfig {
  try {
    // eslint-disable-next-line no-restricted-properties -- here loadConfig is given the environment, for all of a service
    return loadConfig(settingsOf(definition), process.env) as unknown as ProcessConfig;
  } catch (error) {
    if (error instanceof ConfigError) exitWith(new Error(`${definition.name}: ${error.message}`), EXIT_CONFIG);
    throw error;
  }
}

async function printDescription(definition: ServiceDefinition | WorkerDefinition): Promise<void> {
  const { describe } = await import('./describe/describe.ts');
  const text = `${JSON.stringify(await describe(definition), undefined, 2)}\n`;
  process.stdout.write(text, () => process.exit(0));
}
