import { defineFunction } from '@ebb/function';
import { TidyingFellDue } from '@ebb/schemas';
import { RETENTION_SETTINGS } from '../settings.ts';
import { tidyUp as tidy } from '../store/tidy-up.ts';

/** Removes what has long run out: nothing about people is kept that is of no use any more. */
export const tidyUp = defineFunction('tidy-up', {
  on: TidyingFellDue,
  settings: RETENTION_SETTINGS,
  timeout: '60s',
  async handle(_event, { db, config, log }) {
    const removed = await tidy(db, config.AUDIT_RETENTION);
    log.info(removed, 'removed what has long run out');
  },
});
