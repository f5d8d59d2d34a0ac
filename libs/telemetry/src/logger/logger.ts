import type { Logger } from '@ebb/core';
import { activeSpan } from '../span.ts';
import { LEVELS, threshold, type Level } from './levels.ts';
import { lineSink, type Line, type LogDestination } from './sink.ts';

export type { LogDestination } from './sink.ts';

export interface LoggerOptions {
  readonly level: string;
  /** In every line. */
  readonly base: object;
  readonly destination?: LogDestination;
}

export interface LoggerHandle {
  readonly logger: Logger;
  /** Resolves when all lines so far are written. */
  readonly flush: () => Promise<void>;
}

/** A logger that loads pino with its first line; its children are as lazy. */
export function createLogger({ level, base, destination }: LoggerOptions): LoggerHandle {
  const least = threshold(level);
  const sink = lineSink(base, destination);
  return { logger: loggerOf({}, least, sink.write), flush: sink.flush };
}

function loggerOf(bindings: object, least: number, write: (line: Line) => void): Logger {
  const at = (level: Level) => {
    const enabled = LEVELS[level] >= least;
    return (first: object | string, message?: string): void => {
      if (!enabled) return;
      const own = typeof first === 'string' ? {} : fieldsOf(first);
      const text =
        typeof first === 'string' ? first : (message ?? (first instanceof Error ? first.message : undefined));
      const time = new Date().toISOString();
      write({ level, fields: { time, ...bindings, ...traceFields(), ...own }, message: text });
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerOf({ ...bindings, ...fields }, least, write),
  };
}

/** An error's own fields are not enumerable: it goes where pino serialises errors. */
function fieldsOf(fields: object): object {
  return fields instanceof Error ? { err: fields } : fields;
}

/** Taken when the line is logged, not when it is written: by then another span may be active. */
function traceFields(): object {
  const span = activeSpan()?.spanContext();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
