import { EbbError, messageOf } from '@ebb/core';
import { Cron } from 'croner';
import type { PingSource } from './resources/resources.ts';

const EVERY_MINUTE = '* * * * *';

/**
 * When a PingSource runs next after a moment; undefined when it never does again.
 * @throws EbbError EBB_MANIFEST when the schedule or the time zone is not valid
 */
export function nextRun({ metadata, spec }: Pick<PingSource, 'metadata' | 'spec'>, after: Date): Date | undefined {
  try {
    return patternOf(spec.schedule, spec.timezone).nextRun(after) ?? undefined;
  } catch (error) {
    throw new EbbError('EBB_MANIFEST', `PingSource ${metadata.name}: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws EbbError EBB_MANIFEST, its message beginning with the field */
export function patternOf(schedule = EVERY_MINUTE, timezone = 'UTC'): Cron {
  const text = schedule.trim();
  if (text.startsWith('@every')) {
    throw problem(`schedule "${schedule}" is refused by Knative: write a cron pattern, such as */5 * * * *`);
  }
  if (/^(CRON_)?TZ=/.test(text)) throw problem(`schedule "${schedule}" has a time zone: put it into timezone`);
  const fields = text.split(/\s+/).length;
  if (fields !== 5 && fields !== 6 && !text.startsWith('@')) {
    throw problem(`schedule "${schedule}" must have 5 fields, or 6 with leading seconds`);
  }
  if (hasForeignSyntax(text)) {
    throw problem(`schedule "${schedule}" uses L, W, #, + or day 7, which Knative's cron does not know (Sunday is 0)`);
  }
  if (!isTimeZone(timezone)) throw problem(`timezone "${timezone}" is not known: write one like Europe/Berlin`);
  try {
    // A day matches when the day of the month or the day of the week does, as in every cron.
    return new Cron(text, { paused: true, timezone, domAndDow: false });
  } catch (error) {
    throw problem(`schedule "${schedule}" is not valid: ${messageOf(error)}`, error);
  }
}

/** What this library reads and a cluster refuses. */
function hasForeignSyntax(text: string): boolean {
  if (text.startsWith('@')) return false;
  const numeric = text.replace(/jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat/gi, '1');
  const weekdays = numeric.split(/\s+/).at(-1) ?? '';
  return /[LW#+]/i.test(numeric) || /(?:^|[,-])7/.test(weekdays);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function problem(message: string, cause?: unknown): EbbError {
  return new EbbError('EBB_MANIFEST', message, cause === undefined ? {} : { cause });
}
