import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@ebb/embedded-postgres';

/** A PostgreSQL of the test's own, which may be stopped, paused and killed. */
export interface OwnServer {
  readonly url: string;
  /** Lets no process of it run: it takes connections and packets, and answers nothing. */
  pause(): void;
  resume(): void;
  /** As a power cut; it comes back by itself. */
  kill(): void;
  stop(): Promise<void>;
}

export async function ownServer(): Promise<OwnServer> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'ebb-relay-postgres-')));
  // As root, PostgreSQL runs as another user, who must be able to come here.
  chmodSync(directory, 0o711);
  const server = await startPostgres({ directory, durable: false });
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of [server.pid, ...childrenOf(server.pid)]) process.kill(pid, name);
  };
  return {
    // Written at each commit, though not to the disk: a crash of the server must not lose what it accepted.
    url: `${server.url.reveal()}?options=${encodeURIComponent('-c synchronous_commit=on')}`,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    kill: () => signal('SIGKILL'),
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

function childrenOf(parent: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}
