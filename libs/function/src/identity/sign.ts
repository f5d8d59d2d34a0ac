import { sign } from 'node:crypto';

import type { Caller } from '../definition/route-access.ts';
import { IDENTITY_ALGORITHM, IDENTITY_ISSUER, IDENTITY_LIFETIME_S, type IdentityClaims } from './claims.ts';
import type { IdentityKey } from './keys.ts';

/** What a service believes about its caller for the next minute: the value of the header `ebb-identity`. */
export function signIdentity(
  { kid, key }: IdentityKey,
  { subject, roles, scopes, issuer, sessionId }: Caller,
  service: string,
  nowMs: number = Date.now(),
): string {
  const iat = Math.floor(nowMs / 1_000);
  const claims: IdentityClaims = {
    iss: IDENTITY_ISSUER,
    aud: service,
    sub: subject,
    roles,
    scope: scopes.join(' '),
    act_iss: issuer,
    ...(sessionId !== undefined && { sid: sessionId }),
    iat,
    exp: iat + IDENTITY_LIFETIME_S,
  };
  const signed = `${encoded({ alg: IDENTITY_ALGORITHM, typ: 'JWT', kid })}.${encoded(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
