import { defineFunction } from '@ebb/function';
import { UserUpdated } from '@ebb/schemas';
import { deliverMail, MAIL_FUNCTION, type Write } from '../mail/deliver-mail.ts';
import { changeNotice, noticeOf } from '../templates/change-notice.ts';

/** Tells the owner of an account that its password, or its second factor, has changed. */
export const sendChangeNotice = defineFunction('send-change-notice', {
  ...MAIL_FUNCTION,
  mode: 'leased',
  on: UserUpdated,
  async handle({ data: { userId, changed }, event }, context) {
    const notice = noticeOf(changed);
    if (notice === undefined) return;
    const write: Write = async (contacts) => {
      const to = await contacts.user(userId);
      return to && { to, content: changeNotice(notice, to) };
    };
    await deliverMail(event, write, context);
  },
});
