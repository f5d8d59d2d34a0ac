import { defineFunction } from '@ebb/function';
import { UserRegistered } from '@ebb/schemas';
import { deliverMail, MAIL_FUNCTION, type Write } from '../mail/deliver-mail.ts';
import { welcomeMail } from '../templates/welcome.ts';

/** Greets whoever has shown that their address is theirs. */
export const sendWelcome = defineFunction('send-welcome', {
  ...MAIL_FUNCTION,
  mode: 'leased',
  on: UserRegistered,
  async handle({ data: { userId }, event }, context) {
    const write: Write = async (contacts) => {
      const to = await contacts.user(userId);
      return to && { to, content: welcomeMail(to) };
    };
    await deliverMail(event, write, context);
  },
});
