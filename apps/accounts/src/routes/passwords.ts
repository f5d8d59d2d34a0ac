import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { ATTEMPT_EVENTS } from '../actions/attempt.ts';
import { CHALLENGE_EVENTS } from '../actions/issue-challenge.ts';
import { changePassword, CHANGE_PASSWORD_EVENTS } from '../actions/change-password.ts';
import { reauthenticate, REAUTHENTICATE_SETTINGS } from '../actions/reauthenticate.ts';
import { askForReset, resetPassword, RESET_EVENTS } from '../actions/reset-password.ts';
import { passwordsOf } from '../crypto/passwords.ts';
import { Email } from '../domain/email-address.ts';
import { GivenPassword, NewPassword } from '../domain/password.ts';
import { originOf, strangerOf } from '../origin/origin-of.ts';
import { PASSWORD_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { LOCKED, retryAfter } from './answers.ts';
import { addressIn, assertNotOwnWord } from './email-address.ts';
import { MailToken, TOKEN_NOT_GOOD } from './verifications.ts';

export const askForResetRoute = defineRoute('POST /password-resets', {
  summary: 'Ask for a new password',
  description:
    'A mail with a token goes to the address, if there is an account. An address gets at most three such mails within an hour.',
  tags: ['passwords'],
  access: 'anyone',
  limit: { per: 'client', requests: 10, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ email: Email }),
  answers: { 202: { description: 'Taken in; the same whether there is an account or not.' } },
  emits: CHALLENGE_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ body, ...call }, { transaction, config }) {
    const origin = strangerOf(call, config.TOKEN_KEY);
    await transaction((tx) => askForReset(tx, origin, addressIn(body)));
    return { status: 202 };
  },
});

export const resetRoute = defineRoute('PUT /password-resets', {
  summary: 'Set a new password with the token of a mail',
  description:
    'The token is good once, for an hour. It is in the body, because addresses end up in logs and traces. All sessions of the account end.',
  tags: ['passwords'],
  access: 'anyone',
  limit: { per: 'client', requests: 30, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ token: MailToken, password: NewPassword }),
  answers: { 204: {}, 404: TOKEN_NOT_GOOD },
  emits: RESET_EVENTS,
  settings: { ...PASSWORD_SETTINGS, ...TOKEN_SETTINGS },
  async handle({ body, ...call }, { transaction, config, signal }) {
    const passwordHash = await passwordsOf(config).hash(body.password, signal);
    const origin = strangerOf(call, config.TOKEN_KEY);
    const reset = { token: body.token, passwordHash };
    const isGood = await transaction((tx) => resetPassword(tx, origin, reset, config.TOKEN_KEY));
    return { status: isGood ? 204 : 404 };
  },
});

export const changePasswordRoute = defineRoute('PUT /password', {
  summary: 'Change your password',
  description: 'Ends all your other sessions.',
  tags: ['passwords'],
  access: 'signed-in',
  limit: { per: 'user', requests: 10, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ currentPassword: GivenPassword, password: NewPassword }),
  answers: { 204: {}, 403: 'the current password is not right', 429: LOCKED },
  emits: [...ATTEMPT_EVENTS, ...CHANGE_PASSWORD_EVENTS],
  settings: REAUTHENTICATE_SETTINGS,
  async handle({ body, ...call }, context) {
    const { caller } = call;
    const origin = originOf(call, context.config.TOKEN_KEY);
    const proof = { password: body.currentPassword };
    const proved = await reauthenticate(caller.subject, proof, origin, context);
    if (proved.outcome === 'locked') return { status: 429, headers: retryAfter(proved.lockedMs) };
    if (proved.outcome !== 'proved') return { status: 403 };
    assertNotOwnWord(body.password, proved.account.email);
    const passwordHash = await passwordsOf(context.config).hash(body.password, context.signal);
    const change = { passwordHash, sessionId: caller.sessionId };
    await context.transaction((tx) => changePassword(tx, origin, caller.subject, change));
    return { status: 204 };
  },
});
