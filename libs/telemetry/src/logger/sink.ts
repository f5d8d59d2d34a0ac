import { writeSync } from 'node:fs';
import type { Level } from './levels.ts';

/** Takes finished lines, each with its newline. */
export interface LogDestination {
  write(line: string): void;
}

export interface Line {
  readonly level: Level;
  readonly fields: object;
  readonly message: string | undefined;
}

interface LineSink {
  readonly write: (line: Line) => void;
  readonly flush: () => Promise<void>;
}

/**
 * Writes lines with pino, which is loaded with the first of them. Lines that come while it loads wait in order; when the
 * process exits before that, they are written without it, because they are likely to say why it exits.
 */
export function lineSink(base: object, destination: LogDestination | undefined): LineSink {
  const waiting: Line[] = [];
  let writeNow: ((line: Line) => void) | undefined;
  let loading: Promise<void> | undefined;

  const drain = (write: (line: Line) => void): void => {
    for (const line of waiting.splice(0)) write(line);
  };
  const drainAtExit = (): void => drain((line) => writePlain(line, base, destination));
  const load = async (): Promise<void> => {
    process.once('exit', drainAtExit);
    // A logger that cannot be loaded must not take the process down, nor hide its lines.
    writeNow = await pinoWriter(base, destination).catch(() => (line: Line) => writePlain(line, base, destination));
    drain(writeNow);
    process.removeListener('exit', drainAtExit);
  };

  return {
    write(line) {
      if (writeNow) {
        writeNow(line);
        return;
      }
      waiting.push(line);
      loading ??= load();
    },
    flush: async () => loading,
  };
}

async function pinoWriter(base: object, destination: LogDestination | undefined): Promise<(line: Line) => void> {
  const { pino } = await import('pino');
  const options = {
    level: 'trace',
    base,
    // The line brings its own time: that of the call.
    timestamp: false,
    formatters: { level: (level: string) => ({ level }) },
  };
  const logger = destination ? pino(options, destination) : pino(options);
  return ({ level, fields, message }) => logger[level](fields, message);
}

const STANDARD_OUTPUT = 1;

function writePlain({ level, fields, message }: Line, base: object, destination: LogDestination | undefined): void {
  const line = `${JSON.stringify({ level, ...base, ...fields, msg: message }, plainError)}\n`;
  if (destination) destination.write(line);
  else writeSync(STANDARD_OUTPUT, line);
}

function plainError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { type: value.name, message: value.message, stack: value.stack };
}
