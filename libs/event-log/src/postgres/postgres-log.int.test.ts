import { eventually, testDatabase } from '@ebb/test-database';
import { describeEventLog } from '../contract.fixture.ts';
import { openPostgresLog } from './postgres-log.ts';
import { migrateLog } from './schema.ts';

describeEventLog('PostgreSQL', async () => {
  const database = await testDatabase();
  // Twice at once, as two processes that start together do.
  await Promise.all([migrateLog(database.url), migrateLog(database.url)]);
  return {
    open: () => openPostgresLog({ url: database.url, maxConnections: 4 }),
    expire: async (log, topic) => {
      await eventually(async () => {
        await log.trim();
        const [begins, ends] = await Promise.all([log.beginOffsets(topic), log.endOffsets(topic)]);
        return [...ends].every(([partition, end]) => begins.get(partition) === end);
      });
    },
    destroy: () => database.drop(),
  };
});
