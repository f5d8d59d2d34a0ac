import { messageOf } from '@ebb/core';
import type { Telemetry } from '@ebb/telemetry';

/** BSD's EX_CONFIG: the environment does not hold what the process needs. */
export const EXIT_CONFIG = 78;
export const EXIT_FAILURE = 1;
/** BSD's EX_USAGE. */
export const EXIT_USAGE = 64;

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
const LAST_WORDS_MS = 1_000;

/**
 * Stops the process on SIGTERM and SIGINT: `stop` finishes what is in hand and resolves to the exit code. Whoever sends a
 * second signal does not want to wait for that.
 */
export function stopOnSignals(stop: () => Promise<number>): void {
  let stopping = false;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (stopping) process.exit(128 + SIGNAL_NUMBERS[signal]);
    stopping = true;
    stop().then(
      (code) => process.exit(code),
      (error: unknown) => exitWith(error),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/**
 * An error that nobody caught leaves the process in a state that nobody thought of: it says so and ends. What was in
 * flight rolls back and is delivered again.
 */
export function crashOnUncaught(telemetry: Telemetry): void {
  let crashing = false;
  process.on('uncaughtException', (error, origin) => {
    if (crashing) process.exit(EXIT_FAILURE);
    crashing = true;
    telemetry.logger.error({ err: error, origin }, 'uncaught error: the process ends');
    const end = (): void => process.exit(EXIT_FAILURE);
    setTimeout(end, LAST_WORDS_MS);
    void telemetry.flush().then(end, end);
  });
}

/** Ends a process that cannot start or stop as it should. */
export function exitWith(error: unknown, code: number = EXIT_FAILURE): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(code);
}
