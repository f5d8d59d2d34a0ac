export type { Access, Caller } from '../definition/route-access.ts';
export { IDENTITY_HEADER, IDENTITY_ISSUER, IDENTITY_LIFETIME_S, type IdentityClaims } from './claims.ts';
export { generateIdentityKeys, parseIdentityKey, parseIdentityKeys, type IdentityKey } from './keys.ts';
export { refusalOf, type AccessRefusal } from './refusal.ts';
export { signIdentity } from './sign.ts';
export { IdentityError, IdentityVerifier } from './verify.ts';
