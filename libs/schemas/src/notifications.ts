import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { UserId } from './accounts.ts';

/** What somebody is warned about: guesses at their password or code, or a refresh token that was used twice. */
export const AlarmKind = z.enum(['failed-sign-ins', 'token-reuse']);
export type AlarmKind = z.infer<typeof AlarmKind>;

/** The notifications service's own affair: nobody else reacts to it. */
export const AlarmRaised = defineEvent('dev.ebb.notifications.alarm.raised.v1', {
  topic: 'notifications',
  key: ({ userId }) => userId,
  description: 'The owner of an account is to be warned, once an hour at most.',
  data: z.object({ userId: UserId, kind: AlarmKind }),
  example: { userId: '0198b2f0-6f1c-7c3e-9d5a-2a7d41c09b11', kind: 'failed-sign-ins' },
});
