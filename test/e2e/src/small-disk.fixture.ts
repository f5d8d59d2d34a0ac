import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(256 * 1024);

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Takes all that is left. */
  fill(): void;
  free(): void;
  /** Takes it away, also from under those who still use it. */
  unmount(): void;
}

/** Mounts a tmpfs at a folder, which is made where it is missing. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'ebb-small-disk', folder], {
    stdio: 'pipe',
  });
  const ballast = join(folder, 'ballast');
  let isMounted = true;
  const unmount = (): void => {
    if (!isMounted) return;
    execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
    isMounted = false;
  };
  // A test that is ended in the middle leaves nothing behind either.
  process.once('exit', unmount);
  return {
    fill: () => writeUntilFull(ballast),
    free: () => rmSync(ballast),
    unmount: () => {
      unmount();
      process.off('exit', unmount);
    },
  };
}

/** Whether this user may mount one. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'ebb-small-disk-'));
  try {
    mountSmallDisk(folder, 1).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeUntilFull(file: string): void {
  const handle = openSync(file, 'a');
  try {
    for (;;) writeSync(handle, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}
