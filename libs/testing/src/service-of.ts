import type { FunctionDefinition, ServiceDefinition } from '@ebb/function';
import type { Runtime } from './runtime.ts';

/** The service that a function is tested in: with a database where it needs one, or is given tables. */
export function serviceOf(
  { defineService }: Pick<Runtime, 'defineService'>,
  fn: FunctionDefinition,
  hasTables: boolean,
): ServiceDefinition {
  const needsDatabase = hasTables || fn.emits.length > 0 || fn.mode === 'leased';
  return defineService('test', {
    functions: [fn],
    ...(needsDatabase && { database: { migrations: 'migrations' } }),
    settings: fn.settings,
  });
}
