import { defineFunction } from '@ebb/function';
import { ChallengeIssued } from '@ebb/schemas';
import { deliverMail, MAIL_FUNCTION, type Write } from '../mail/deliver-mail.ts';
import { challengeMail } from '../templates/challenge.ts';

/** Sends what somebody proves with that an address is theirs. One that was used, or has run out, is not sent any more. */
export const sendChallenge = defineFunction('send-challenge', {
  ...MAIL_FUNCTION,
  mode: 'leased',
  on: ChallengeIssued,
  async handle({ data: { challengeId }, event }, context) {
    const write: Write = async (contacts) => {
      const to = await contacts.challenge(challengeId);
      return to && { to, content: challengeMail(to, context.config.LINKS_URL) };
    };
    await deliverMail(event, write, context);
  },
});
