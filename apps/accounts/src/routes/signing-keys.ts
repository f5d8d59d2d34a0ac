import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { ensureKeys, replaceCompromised, rotateNow } from '../actions/rotate-keys.ts';
import { sealingKeysOf } from '../crypto/sealing-keys.ts';
import { originOf } from '../origin/origin-of.ts';
import { ACCESS_TOKEN_SETTINGS, SEALING_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { recordAudit } from '../store/audit.ts';
import { publishedKeys } from '../store/signing-keys.ts';
import { retryAfter } from './answers.ts';

/** Clocks differ, and so do opinions on when a token has run out. */
const SKEW_MS = 5 * 60_000;

const Jwk = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.string(),
});

export const keySetRoute = defineRoute('GET /.well-known/jwks.json', {
  summary: 'Read the keys that tokens are verified with',
  description:
    'A JWK Set (RFC 7517): the key that signs, those whose tokens are still good, and the one that will sign next.',
  tags: ['keys'],
  access: 'anyone',
  cache: { maxAge: '1m', per: 'everyone' },
  answers: { 200: { schema: z.object({ keys: z.array(Jwk) }) } },
  settings: { ...SEALING_SETTINGS, ...ACCESS_TOKEN_SETTINGS },
  async handle(_call, { transaction, db, config }) {
    const keepMs = config.ACCESS_TOKEN_LIFETIME + SKEW_MS;
    const published = await publishedKeys(db, keepMs);
    // Nobody has signed in yet: whoever asks now must not remember that there are no keys.
    if (published.length === 0) await transaction((tx) => ensureKeys(tx.db, sealingKeysOf(config)));
    const keys = published.length === 0 ? await publishedKeys(db, keepMs) : published;
    return { status: 200, body: { keys }, headers: { 'cache-control': 'public, max-age=60' } };
  },
});

export const rotateKeysRoute = defineRoute('POST /signing-keys/rotations', {
  summary: 'Rotate the signing keys now',
  description:
    'Keys rotate by themselves. `routine` does it ahead of time, and no token stops being good; it waits until everybody can have seen the next key. `compromised` is for keys in wrong hands: nothing that was signed with them is good any more, and everybody has to refresh.',
  tags: ['keys'],
  access: { roles: ['admin'] },
  maxBody: 1_024,
  body: z.strictObject({ reason: z.enum(['routine', 'compromised']) }),
  answers: { 204: {}, 409: 'the next key was published too lately: wait as long as Retry-After says' },
  settings: { ...SEALING_SETTINGS, ...TOKEN_SETTINGS },
  async handle({ body: { reason }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const sealing = sealingKeysOf(config);
    const { waitMs } = await transaction(async ({ db }) => {
      const rotated = reason === 'routine' ? await rotateNow(db, sealing) : await replaceCompromised(db, sealing);
      if (rotated.waitMs === 0) await recordAudit(db, origin, { action: 'signing-keys.rotated', detail: { reason } });
      return rotated;
    });
    return waitMs > 0 ? { status: 409, headers: retryAfter(waitMs) } : { status: 204 };
  },
});
