import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { ATTEMPT_EVENTS } from '../actions/attempt.ts';
import { reauthenticate, REAUTHENTICATE_SETTINGS, type Reauthenticated } from '../actions/reauthenticate.ts';
import { confirm, enrol, FACTOR_EVENTS, remove } from '../actions/second-factor.ts';
import { GivenPassword } from '../domain/password.ts';
import { NOT_OURS, originOf, ownUser } from '../origin/origin-of.ts';
import { SEALING_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { secondFactorState } from '../store/second-factors.ts';
import { LOCKED, NO_STORE, retryAfter } from './answers.ts';
import { Code } from './sessions.ts';

const NOT_PROVED = 'the password, or the code, is not right';
const TAGS = ['second factor'];
const LIMIT = { per: 'user', requests: 20, window: '1m' } as const;

export const secondFactorRoute = defineRoute('GET /second-factor', {
  summary: 'See whether you sign in with a second factor',
  tags: TAGS,
  access: 'signed-in',
  answers: { 200: { schema: z.object({ enabled: z.boolean(), recoveryCodesLeft: z.int() }) }, 403: NOT_OURS },
  async handle({ caller }, { db }) {
    const { isEnabled: enabled, recoveryCodesLeft } = await secondFactorState(db, ownUser(caller));
    return { status: 200, body: { enabled, recoveryCodesLeft }, headers: NO_STORE };
  },
});

export const enrolRoute = defineRoute('POST /second-factor', {
  summary: 'Set up an authenticator',
  description:
    'Gives its secret, and the same as a URI for a QR code. It is asked for only after it was confirmed with a code.',
  tags: TAGS,
  access: 'signed-in',
  limit: LIMIT,
  maxBody: 8_192,
  body: z.strictObject({ password: GivenPassword }),
  answers: {
    201: { schema: z.object({ secret: z.string(), uri: z.string() }) },
    403: NOT_PROVED,
    409: 'you have a second factor already: remove it first',
    429: LOCKED,
  },
  emits: ATTEMPT_EVENTS,
  settings: REAUTHENTICATE_SETTINGS,
  async handle({ body, ...call }, context) {
    const origin = originOf(call, context.config.TOKEN_KEY);
    const proved = await reauthenticate(call.caller.subject, { password: body.password }, origin, context);
    if (proved.outcome !== 'proved') return refusal(proved);
    const enrolled = await context.transaction((tx) => enrol(tx, origin, proved.account, context.config));
    return enrolled ? { status: 201, body: { ...enrolled }, headers: NO_STORE } : { status: 409 };
  },
});

export const confirmFactorRoute = defineRoute('POST /second-factor/confirmation', {
  summary: 'Turn the authenticator on',
  description:
    'With a code that it shows. The recovery codes in the answer are shown this once; each stands in for a code once.',
  tags: TAGS,
  access: 'signed-in',
  limit: LIMIT,
  maxBody: 4_096,
  body: z.strictObject({ code: Code }),
  answers: {
    200: { schema: z.object({ recoveryCodes: z.array(z.string()) }) },
    403: 'the code is not right: see that the clock of the device is',
    409: 'there is no authenticator to be turned on',
  },
  emits: FACTOR_EVENTS,
  settings: { ...TOKEN_SETTINGS, ...SEALING_SETTINGS },
  async handle({ body: { code }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const codes = await transaction((tx) => confirm(tx, origin, call.caller.subject, { code, config }));
    if (codes === 'none') return { status: 409 };
    if (codes === 'wrong') return { status: 403 };
    return { status: 200, body: { recoveryCodes: codes }, headers: NO_STORE };
  },
});

export const removeFactorRoute = defineRoute('POST /second-factor/removal', {
  summary: 'Remove the authenticator',
  description: 'With the password, and a code of the authenticator or for recovery.',
  tags: TAGS,
  access: 'signed-in',
  limit: LIMIT,
  maxBody: 8_192,
  body: z.strictObject({ password: GivenPassword, code: z.optional(Code) }),
  answers: { 204: {}, 403: NOT_PROVED, 404: 'you have no second factor', 429: LOCKED },
  emits: [...ATTEMPT_EVENTS, ...FACTOR_EVENTS],
  settings: REAUTHENTICATE_SETTINGS,
  async handle({ body, ...call }, context) {
    const origin = originOf(call, context.config.TOKEN_KEY);
    const proof = { password: body.password, code: { given: body.code } };
    const proved = await reauthenticate(call.caller.subject, proof, origin, context);
    if (proved.outcome !== 'proved') return refusal(proved);
    const isRemoved = await context.transaction((tx) => remove(tx, origin, call.caller.subject));
    return { status: isRemoved ? 204 : 404 };
  },
});

function refusal(doubt: Exclude<Reauthenticated, { outcome: 'proved' }>) {
  return doubt.outcome === 'locked'
    ? ({ status: 429, headers: retryAfter(doubt.lockedMs) } as const)
    : ({ status: 403 } as const);
}
