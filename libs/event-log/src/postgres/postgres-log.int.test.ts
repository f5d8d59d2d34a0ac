import { testDatabase } from '@ebb/test-database';
import { describeEventLog } from '../contract.fixture.ts';
import { openPostgresLog } from './postgres-log.ts';
import { migrateLog } from './schema.ts';

describeEventLog('PostgreSQL', async () => {
  const database = await testDatabase();
  // Twice at once, as two processes that start together do.
  await Promise.all([migrateLog(database.url), migrateLog(database.url)]);
  return {
    open: () => openPostgresLog({ url: database.url, maxConnections: 4 }),
    destroy: () => database.drop(),
  };
});
