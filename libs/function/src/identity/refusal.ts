import type { AccessEntry } from '@ebb/catalogue';

import type { Access, Caller } from '../definition/route-access.ts';

/** Why a caller may not do what they ask for, and what to answer. */
export interface AccessRefusal {
  readonly status: 401 | 403;
  readonly detail: string;
  /** Of the header WWW-Authenticate (RFC 6750). */
  readonly challenge: string;
}

/**
 * Decides about a route that anyone may know of: the gateway and the service ask the same. A route for a token of services is not for callers; that
 * is looked at apart.
 * @param ownerParam the value of the path parameter that `access.owner` names
 * @returns undefined for whoever may
 */
export function refusalOf(
  access: Access | AccessEntry,
  caller: Pick<Caller, 'subject' | 'roles' | 'scopes'> | undefined,
  ownerParam?: string,
): AccessRefusal | undefined {
  if (access === 'anyone') return undefined;
  if (typeof access === 'object' && 'token' in access) return forbidden('this route is for services only');
  if (!caller) return { status: 401, detail: 'sign in first: send a bearer token', challenge: 'Bearer' };
  if (access === 'signed-in') return undefined;
  const { roles = [], scopes = [], owner } = access;
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope));
  if (missing.length > 0) return forbidden(`the token lacks the scope ${missing.join(' ')}`, scopes);
  if (roles.some((role) => caller.roles.includes(role))) return undefined;
  if (owner !== undefined && ownerParam === caller.subject) return undefined;
  if (roles.length === 0 && owner === undefined) return undefined;
  return forbidden('you may not do this here');
}

function forbidden(detail: string, scopes: readonly string[] = []): AccessRefusal {
  const scope = scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : '';
  return { status: 403, detail, challenge: `Bearer error="insufficient_scope"${scope}` };
}
