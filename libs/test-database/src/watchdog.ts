import { spawn } from 'node:child_process';

/**
 * `sh -c` this with a PostgreSQL's process id and the directory above its data. The end of its input says that the tests are
 * over: it comes also when their process was killed and could tell nobody. The lock file tells when the server is gone; its
 * process id may stay for good, as a zombie, in a container without an init.
 */
export const WATCHDOG = `cat >/dev/null; kill -QUIT "$0"
tries=0; while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$1"`;

/** Ends a server and removes its files when this process ends, however it does. */
export function watchOver(pid: number, directory: string): void {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C ends the tests; the watchdog still has its work to do then.
    detached: true,
  });
  watchdog.unref();
  // A pipe of a child is a socket, whatever its type says, and would keep this process alive.
  (watchdog.stdin as unknown as { unref(): void }).unref();
}
