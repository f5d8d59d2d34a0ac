import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@ebb/embedded-postgres';

/** A PostgreSQL of the test file's own. The testing kit has a better one, but it is built on this project. */
export interface TestDatabase {
  readonly url: string;
  /** Kills the server as a power cut would; it is started again by itself. */
  crash(): void;
  drop(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'ebb-eventing-'));
  // As root, PostgreSQL runs as another user, who must be able to come here.
  chmodSync(directory, 0o711);
  // Durable: a test that kills the server wants to find again what was committed.
  const postgres = await startPostgres({ directory });
  return {
    url: postgres.url.reveal(),
    crash: () => process.kill(postgres.pid, 'SIGKILL'),
    async drop() {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
