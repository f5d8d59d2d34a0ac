import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { CHALLENGE_EVENTS } from '../actions/issue-challenge.ts';
import { repeatVerification, signUp } from '../actions/sign-up.ts';
import { passwordsOf } from '../crypto/passwords.ts';
import { Name } from '../domain/account.ts';
import { Email } from '../domain/email-address.ts';
import { NewPassword } from '../domain/password.ts';
import { strangerOf } from '../origin/origin-of.ts';
import { PASSWORD_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { addressIn, assertNotOwnWord } from './email-address.ts';

const SAME_ANSWER =
  'Taken in. The answer, and the time that it takes, are the same whether the address has an account or not.';

export const signUpRoute = defineRoute('POST /sign-ups', {
  summary: 'Sign up',
  description:
    'Opens an account. A mail with a token goes to the address; whoever has an account there already is told of the attempt instead.',
  tags: ['sign-up'],
  access: 'anyone',
  limit: [
    { per: 'client', requests: 30, window: '1m' },
    { per: 'client', requests: 200, window: '1h' },
  ],
  maxBody: 8_192,
  body: z.strictObject({ email: Email, password: NewPassword, name: z.optional(Name) }),
  answers: { 202: { description: SAME_ANSWER } },
  emits: CHALLENGE_EVENTS,
  settings: { ...PASSWORD_SETTINGS, ...TOKEN_SETTINGS },
  async handle({ body, ...call }, { transaction, config, signal }) {
    const address = addressIn(body);
    assertNotOwnWord(body.password, address.email);
    const passwordHash = await passwordsOf(config).hash(body.password, signal);
    const origin = strangerOf(call, config.TOKEN_KEY);
    await transaction((tx) => signUp(tx, origin, { address, passwordHash, name: body.name }));
    return { status: 202 };
  },
});

export const verificationMailRoute = defineRoute('POST /verification-mails', {
  summary: 'Have the mail of a sign-up sent once more',
  description: 'The mail has the same token as before. An address gets at most three such mails within an hour.',
  tags: ['sign-up'],
  access: 'anyone',
  limit: { per: 'client', requests: 10, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ email: Email }),
  answers: { 202: { description: SAME_ANSWER } },
  emits: CHALLENGE_EVENTS,
  async handle({ body }, { transaction }) {
    await transaction((tx) => repeatVerification(tx, addressIn(body)));
    return { status: 202 };
  },
});
