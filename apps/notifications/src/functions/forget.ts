import { defineFunction } from '@ebb/function';
import { UserDeleted } from '@ebb/schemas';
import { forgetUser } from '../store/forget-user.ts';

/** Removes all that is kept about a user who is gone. */
export const forget = defineFunction('forget', {
  on: UserDeleted,
  timeout: '10s',
  async handle({ data: { userId } }, { db, log }) {
    await forgetUser(db, userId);
    log.info({ userId }, 'user forgotten');
  },
});
