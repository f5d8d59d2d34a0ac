import { defineFunction } from '@ebb/function';
import { AlarmRaised, LoginFailed } from '@ebb/schemas';
import { ALARM_SETTINGS } from '../settings.ts';
import { countFailure, isFirstAlarm } from '../store/alarms.ts';
import { timeOf } from './time-of.ts';

/** Raises an alarm when somebody's account is guessed at. What nobody has cannot be guessed: without an account there is nobody to warn. */
export const countFailedSignIns = defineFunction('count-failed-sign-ins', {
  on: LoginFailed,
  emits: [AlarmRaised],
  settings: ALARM_SETTINGS,
  timeout: '10s',
  async handle({ data: { userId }, event }, { db, emit, config, log }) {
    if (userId === undefined) return;
    const at = timeOf(event);
    const failures = await countFailure(db, userId, at, config.SIGN_IN_ALARM_WINDOW);
    if (failures < config.SIGN_IN_ALARM_FAILURES) return;
    const kind = 'failed-sign-ins';
    if (!(await isFirstAlarm(db, userId, kind, at))) return;
    await emit(AlarmRaised, { userId, kind });
    log.info({ userId, failures }, 'alarm raised');
  },
});
