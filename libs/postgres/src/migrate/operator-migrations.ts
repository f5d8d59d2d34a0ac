import type { PlatformMigration } from './platform-migrations.ts';

/** What those who look after a service need to see, beyond what it needs to run. */
export const OPERATOR_MIGRATIONS: readonly PlatformMigration[] = [
  {
    name: '0003_circuit_in_sight',
    sql: `
-- Until when the dependency is left alone, and what the call that failed last said: for whoever asks why nothing happens.
ALTER TABLE circuit ADD COLUMN open_until timestamptz, ADD COLUMN failed_at timestamptz, ADD COLUMN last_error text;
`,
  },
];
