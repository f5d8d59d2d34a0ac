import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Logger } from '@ebb/core';
import type { OnProgress } from './progress.ts';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const FOR_PERSONS = new Set(['warn', 'error', 'fatal']);

/** Keeps what services write in one file each, and shows a person what matters of it. */
export class ServiceLogs {
  readonly #folder: string;
  readonly #onProgress: OnProgress;

  constructor(folder: string, onProgress: OnProgress) {
    this.#folder = folder;
    this.#onProgress = onProgress;
  }

  write(service: string, line: string): void {
    const file = join(this.#folder, `${service}.log`);
    rotate(file);
    appendFileSync(file, `${line}\n`);
    const shown = forPerson(line);
    if (shown !== undefined) this.#onProgress({ kind: 'log', service, line: shown });
  }
}

/** The runtime's own log: warnings and errors go to the person as well. */
export function runtimeLogger(folder: string, onProgress: OnProgress, fields: object = {}): Logger {
  const file = join(folder, 'runtime.log');
  const write = (level: string) => (first: object | string, second?: string) => {
    const own = typeof first === 'string' ? {} : first;
    const message = typeof first === 'string' ? first : (second ?? '');
    const line = { time: new Date().toISOString(), level, ...fields, ...own, ...errorIn(own), message };
    rotate(file);
    appendFileSync(file, `${JSON.stringify(line, bigintAsText)}\n`);
    if (level === 'warn' || level === 'error') {
      const cause = 'err' in own ? `: ${messageOf(own.err)}` : '';
      onProgress({ kind: 'warning', message: `${message}${cause}` });
    }
  };
  return {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (more) => runtimeLogger(folder, onProgress, { ...fields, ...more }),
  };
}

function errorIn(fields: object): object {
  if (!('err' in fields) || !(fields.err instanceof Error)) return {};
  return { err: { name: fields.err.name, message: fields.err.message, stack: fields.err.stack } };
}

const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** Lines that are no JSON log were printed for a person; of the rest only warnings and worse are. */
function forPerson(line: string): string | undefined {
  if (!line.startsWith('{')) return line;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: { message?: string } };
    if (typeof level !== 'string') return line;
    return FOR_PERSONS.has(level) ? [msg, err?.message].filter(Boolean).join(': ') : undefined;
  } catch {
    return line;
  }
}

function rotate(file: string): void {
  try {
    if (statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // Not there yet.
  }
}
