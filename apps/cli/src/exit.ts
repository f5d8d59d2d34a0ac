import { EbbError, messageOf } from '@ebb/core';
import pc from 'picocolors';

/** Exit codes, the same for every command (sysexits where one fits). */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Says what went wrong, without a stack where the message says it all, and gives the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof EbbError) {
    process.stderr.write(`${pc.red('error')} ${error.message}\n`);
    return error.code === 'EBB_USAGE' || error.code === 'EBB_CONFIG' ? EXIT.usage : EXIT.failed;
  }
  process.stderr.write(
    `${pc.red('error')} ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`,
  );
  return EXIT.failed;
}
