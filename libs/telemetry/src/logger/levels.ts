import { EbbError } from '@ebb/core';

/** Levels in pino's order and numbers. */
export const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
} as const;

export type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * The number from which lines are written.
 * @throws EbbError EBB_CONFIG
 */
export function threshold(level: string): number {
  if (!Object.hasOwn(LEVELS, level)) {
    throw new EbbError('EBB_CONFIG', `"${level}" is no log level: it must be one of ${Object.keys(LEVELS).join(', ')}`);
  }
  return LEVELS[level as keyof typeof LEVELS];
}
