import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { verify, VERIFY_EVENTS } from '../actions/verify.ts';
import { strangerOf } from '../origin/origin-of.ts';
import { TOKEN_SETTINGS } from '../settings.ts';

/** A token of a mail: what cannot be one is not good either, and gets the same answer. */
export const MailToken = z.string().check(z.minLength(1), z.maxLength(200));
export const TOKEN_NOT_GOOD = 'the token is not good: it was used, ran out, or is none';

export const verificationRoute = defineRoute('POST /verifications', {
  summary: 'Verify an address',
  description:
    'Ends a sign-up with the token of its mail. The token is good once, for a day. Then the account can be signed in to.',
  tags: ['sign-up'],
  access: 'anyone',
  limit: { per: 'client', requests: 60, window: '1m' },
  maxBody: 4_096,
  body: z.strictObject({ token: MailToken }),
  answers: { 200: { schema: z.object({ userId: z.uuid() }) }, 404: TOKEN_NOT_GOOD },
  emits: VERIFY_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ body, ...call }, { transaction, config }) {
    const origin = strangerOf(call, config.TOKEN_KEY);
    const userId = await transaction((tx) => verify(tx, origin, body.token, config.TOKEN_KEY));
    return userId === undefined ? { status: 404 } : { status: 200, body: { userId } };
  },
});
