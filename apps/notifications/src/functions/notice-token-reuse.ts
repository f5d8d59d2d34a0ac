import { defineFunction } from '@ebb/function';
import { AlarmRaised, SessionRevoked } from '@ebb/schemas';
import { isFirstAlarm } from '../store/alarms.ts';
import { lockUser } from '../store/user-lock.ts';
import { timeOf } from './time-of.ts';

/** Raises an alarm when a session was ended because its refresh token was used twice. */
export const noticeTokenReuse = defineFunction('notice-token-reuse', {
  on: SessionRevoked,
  emits: [AlarmRaised],
  timeout: '10s',
  async handle({ data: { userId, reason }, event }, { db, emit, log }) {
    if (reason !== 'token-reuse') return;
    await lockUser(db, userId);
    if (!(await isFirstAlarm(db, userId, reason, timeOf(event)))) return;
    await emit(AlarmRaised, { userId, kind: reason });
    log.info({ userId }, 'alarm raised');
  },
});
