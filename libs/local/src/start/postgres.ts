import { startPostgres, type EmbeddedPostgres } from '@ebb/embedded-postgres';
import type { OnProgress } from '../progress.ts';
import type { StopStack } from './stop-stack.ts';

/** Starts the embedded PostgreSQL; when it crashes later, it comes back by itself and the person is told. */
export async function startDatabaseServer(
  directory: string,
  onProgress: OnProgress,
  stack: StopStack,
): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ directory });
  stack.push('PostgreSQL', () => postgres.stop());
  postgres.onCrash(({ reason, restartInMs }) =>
    onProgress({
      kind: 'warning',
      message: `PostgreSQL ended (${reason}); it is started again in ${restartInMs} ms`,
    }),
  );
  return postgres;
}
