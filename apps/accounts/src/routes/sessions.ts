import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { refresh } from '../actions/refresh.ts';
import { revokeAll, revokeOne, REVOCATION_EVENTS } from '../actions/revoke.ts';
import { signIn, SIGN_IN_EVENTS, SIGN_IN_SETTINGS } from '../actions/sign-in.ts';
import { Tokens } from '../actions/tokens.ts';
import { Email } from '../domain/email-address.ts';
import { GivenPassword } from '../domain/password.ts';
import { deviceOf, NOT_OURS, originOf, ownUser, strangerOf } from '../origin/origin-of.ts';
import { ACCESS_TOKEN_SETTINGS, SEALING_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { listSessions } from '../store/sessions.ts';
import { LOCKED, NO_STORE, retryAfter } from './answers.ts';
import { addressIn } from './email-address.ts';

/** Six digits, or a recovery code with whatever is between its groups. */
export const Code = z.string().check(z.minLength(6), z.maxLength(40));

export const signInRoute = defineRoute('POST /sessions', {
  summary: 'Sign in',
  description:
    'Gives an access token and a refresh token. `secondFactor` in a 401 says that the password was right, and a code of the authenticator is needed.',
  tags: ['sessions'],
  access: 'anyone',
  limit: { per: 'client', requests: 60, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ email: Email, password: GivenPassword, code: z.optional(Code) }),
  answers: {
    201: { schema: Tokens },
    401: 'the address or the password is not right',
    403: 'the address is not verified yet: use the token in the mail',
    429: LOCKED,
  },
  emits: SIGN_IN_EVENTS,
  settings: SIGN_IN_SETTINGS,
  async handle({ body, ...call }, context) {
    const { password, code } = body;
    const from = { ...strangerOf(call, context.config.TOKEN_KEY), device: deviceOf(call.request) };
    const signedIn = await signIn({ address: addressIn(body), password, code, from }, context);
    switch (signedIn.outcome) {
      case 'signed-in':
        return { status: 201, body: { ...signedIn.tokens }, headers: NO_STORE };
      case 'locked':
        return { status: 429, headers: retryAfter(signedIn.lockedMs) };
      case 'unverified':
        return { status: 403 };
      case 'refused':
        return { status: 401 };
      case 'code-missing':
        return { status: 401, detail: 'a code of the authenticator is needed', extensions: SECOND_FACTOR };
      case 'code-wrong':
        return { status: 401, detail: 'the code is not right, or was used', extensions: SECOND_FACTOR };
    }
  },
});

const SECOND_FACTOR = { secondFactor: 'totp' } as const;

export const refreshRoute = defineRoute('POST /sessions/refresh', {
  summary: 'Get new tokens',
  description:
    'A refresh token is good once. Sent again within ten seconds it gives the same next token, because two tabs may ask at the same time, or the answer may be lost; sent again later it ends the session, because then two have it.',
  tags: ['sessions'],
  access: 'anyone',
  limit: { per: 'client', requests: 300, window: '1m' },
  maxBody: 4_096,
  body: z.strictObject({ refreshToken: z.string().check(z.minLength(1), z.maxLength(200)) }),
  answers: { 200: { schema: Tokens }, 401: 'the refresh token is not good any more: sign in' },
  emits: REVOCATION_EVENTS,
  settings: { ...TOKEN_SETTINGS, ...SEALING_SETTINGS, ...ACCESS_TOKEN_SETTINGS },
  async handle({ body, ...call }, { transaction, config }) {
    const origin = strangerOf(call, config.TOKEN_KEY);
    const tokens = await transaction((tx) => refresh(tx, origin, body.refreshToken, config));
    return tokens ? { status: 200, body: { ...tokens }, headers: NO_STORE } : { status: 401 };
  },
});

const Session = z.object({
  sessionId: z.uuid(),
  /** What the device calls itself. */
  device: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  current: z.boolean(),
});

export const sessionsRoute = defineRoute('GET /sessions', {
  summary: 'List the devices that you are signed in on',
  tags: ['sessions'],
  access: 'signed-in',
  answers: { 200: { schema: z.object({ sessions: z.array(Session) }) }, 403: NOT_OURS },
  async handle({ caller }, { db }) {
    const sessions = await listSessions(db, ownUser(caller));
    const listed = sessions.map((each) => ({ ...each, current: each.sessionId === caller.sessionId }));
    return { status: 200, body: { sessions: listed }, headers: NO_STORE };
  },
});

export const signOutEverywhereRoute = defineRoute('DELETE /sessions', {
  summary: 'Sign out everywhere',
  description:
    'Ends all your sessions, this one included. Access tokens are good until they run out, a few minutes later.',
  tags: ['sessions'],
  access: 'signed-in',
  answers: { 204: {}, 403: NOT_OURS },
  emits: REVOCATION_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle(call, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    await transaction((tx) => revokeAll(tx, origin, origin.actorId, 'signed-out-everywhere'));
    return { status: 204 };
  },
});

export const signOutRoute = defineRoute('DELETE /sessions/:sessionId', {
  summary: 'Sign out, here or on another device',
  description: 'Ends one of your sessions: `current`, or one of the list.',
  tags: ['sessions'],
  access: 'signed-in',
  params: z.object({ sessionId: z.union([z.literal('current'), z.uuid()]) }),
  answers: { 204: {}, 403: NOT_OURS, 404: 'you have no such session' },
  emits: REVOCATION_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ params, ...call }, { transaction, config }) {
    const { caller } = call;
    const origin = originOf(call, config.TOKEN_KEY);
    const sessionId = params.sessionId === 'current' ? caller.sessionId : params.sessionId;
    if (!z.safeParse(z.uuid(), sessionId).success || sessionId === undefined) return { status: 404 };
    const mine = { userId: origin.actorId, sessionId };
    const isEnded = await transaction((tx) => revokeOne(tx, origin, mine, 'signed-out'));
    return { status: isEnded ? 204 : 404 };
  },
});
