import { defineFunction } from '@ebb/function';
import { AlarmRaised } from '@ebb/schemas';
import { deliverMail, MAIL_FUNCTION, type Write } from '../mail/deliver-mail.ts';
import { alarmMail } from '../templates/alarm.ts';

/** Warns the owner of an account. */
export const sendAlarm = defineFunction('send-alarm', {
  ...MAIL_FUNCTION,
  mode: 'leased',
  on: AlarmRaised,
  async handle({ data: { userId, kind }, event }, context) {
    const write: Write = async (contacts) => {
      const to = await contacts.user(userId);
      return to && { to, content: alarmMail(kind, to) };
    };
    await deliverMail(event, write, context);
  },
});
