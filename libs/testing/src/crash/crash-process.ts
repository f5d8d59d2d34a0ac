import { EbbError, Secret } from '@ebb/core';
import { createHandler, defineService, type FunctionDefinition, type ServiceDefinition } from '@ebb/function';
import { openDatabase, type OnCrashPoint } from '@ebb/postgres';
import { startTelemetry } from '@ebb/telemetry';
import { handleHere } from '../host.ts';
import { observed } from '../observed-database.ts';
import { isAt } from '../points.ts';
import { serviceOf } from '../service-of.ts';
import { configOf, HANDLED, type CrashTask } from './task.ts';

/** Runs in a process of its own: gives a message to the service, and kills the process where the task says. */
export async function crashProcess(module: Readonly<Record<string, unknown>>, task: CrashTask): Promise<void> {
  const definition = definitionOf(module, task);
  const onPoint: OnCrashPoint = (point, step) => {
    // Nothing comes after this: the signal is delivered before the call returns.
    if (isAt(task.place, point, step)) process.kill(process.pid, 'SIGKILL');
  };
  const telemetry = startTelemetry({ service: definition.name, logLevel: 'silent' });
  const storage = task.database && observed(openService(definition.name, task.database, onPoint));
  const dependencies = { telemetry, config: configOf(task.config), onPoint };
  const listener = createHandler(definition, { ...dependencies, ...(storage && { database: storage.database }) });
  const { path, headers, body } = task.message;
  const handled = await handleHere(listener, storage, { path, headers, body: Buffer.from(body, 'base64') });
  process.stdout.write(`\n${HANDLED}${JSON.stringify(handled)}\n`, () => process.exit(0));
}

function openService(service: string, { url, schema }: { url: string; schema: string }, onPoint: OnCrashPoint) {
  return openDatabase({ url: new Secret(url), schema, service, onPoint });
}

/** @throws EbbError EBB_DEFINITION when the module does not export what is tested */
function definitionOf(module: Readonly<Record<string, unknown>>, { tested, database }: CrashTask): ServiceDefinition {
  const found = Object.values(module).find(
    (each): each is FunctionDefinition | ServiceDefinition =>
      typeof each === 'object' &&
      each !== null &&
      'kind' in each &&
      each.kind === tested.kind &&
      'name' in each &&
      each.name === tested.name,
  );
  if (!found) throw new EbbError('EBB_DEFINITION', `the module does not export ${tested.kind} "${tested.name}"`);
  return found.kind === 'service' ? found : serviceOf({ defineService }, found, database !== undefined);
}
