import type { JWTPayload } from 'jose';
import type { Caller } from '../pipeline/exchange.ts';
import type { Issuer } from '../routing/gateway-route.ts';
import { TokenRefusedError } from './token-problem.ts';

const MAX_LENGTH = 255;
const MAX_WORDS = 100;
/** It goes into logs, keys and headers. */
const PRINTABLE = /^[\x20-\x7e]+$/;
const ROLES_CLAIM = 'roles';

/**
 * Who a verified token speaks of. Subjects of an issuer elsewhere get its name in front, so that nobody there can be made to look like a user from
 * here; and its tokens carry roles only when the gateway's file says which claim holds them.
 * @throws TokenRefusedError for claims of another shape than they must have
 */
export function callerOf(payload: JWTPayload, { issuer, service, name, roles }: Issuer): Caller {
  const subject = wordOf(payload.sub);
  const rolesClaim = service === undefined ? roles : ROLES_CLAIM;
  const sessionId = payload.sid;
  return {
    subject: service === undefined ? `${name ?? issuer}|${subject}` : subject,
    roles: rolesClaim === undefined ? [] : wordsOf(payload[rolesClaim]),
    scopes: scopesOf(payload),
    issuer,
    ...(sessionId !== undefined && { sessionId: wordOf(sessionId) }),
  };
}

/** `scope` after RFC 8693, or `scp` as others write it. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  return typeof given === 'string' ? wordsOf(given.split(' ').filter((word) => word !== '')) : wordsOf(given);
}

function wordsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_WORDS) throw new TokenRefusedError('malformed');
  return value.map(wordOf);
}

function wordOf(value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_LENGTH && PRINTABLE.test(value)) return value;
  throw new TokenRefusedError('malformed');
}
