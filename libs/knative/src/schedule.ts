import { EbbError, messageOf } from '@ebb/core';
import { Cron } from 'croner';
import type { PingSource } from './resources/resources.ts';

const EVERY_MINUTE = '* * * * *';

/**
 * When a PingSource runs next after a moment; undefined when it never does again.
 * @throws EbbError EBB_MANIFEST when the schedule or the time zone is not valid
 */
export function nextRun({ metadata, spec }: Pick<PingSource, 'metadata' | 'spec'>, after: Date): Date | undefined {
  const { schedule = EVERY_MINUTE, timezone } = spec;
  return patternOf(schedule, timezone, `PingSource ${metadata.name}`).nextRun(after) ?? undefined;
}

/** @throws EbbError EBB_MANIFEST, its message beginning with `subject` */
export function patternOf(schedule: string, timezone: string | undefined, subject: string): Cron {
  if (schedule.trim().startsWith('@every')) {
    throw new EbbError(
      'EBB_MANIFEST',
      `${subject}: schedule "${schedule}": Knative refuses @every; write a cron pattern`,
    );
  }
  const fields = schedule.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6 && !schedule.startsWith('@')) {
    throw new EbbError(
      'EBB_MANIFEST',
      `${subject}: schedule "${schedule}" must have 5 fields, or 6 with leading seconds`,
    );
  }
  try {
    // A day matches when the day of the month or the day of the week does, as in every cron.
    return new Cron(schedule, { paused: true, timezone: timezone ?? 'UTC', domAndDow: false });
  } catch (error) {
    const where = timezone === undefined ? '' : ` in time zone "${timezone}"`;
    throw new EbbError('EBB_MANIFEST', `${subject}: schedule "${schedule}"${where} is not valid: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
