import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem, type Secret } from '@ebb/core';
import type { Caller } from '@ebb/function';
import { UserId } from '@ebb/schemas';
import { ISSUER } from '../actions/access-token.ts';
import { keyedHash } from '../crypto/keyed-hash.ts';
import type { Origin } from '../store/audit.ts';

const MAX_DEVICE_LENGTH = 200;

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Known = Origin & { readonly clientHash: string };

/** Where a request of somebody who is not signed in comes from: with the client's network address as a keyed hash. */
export function strangerOf({ request, response }: Call, root: Secret): Known {
  const requestId = response.getHeader('x-request-id')?.toString();
  return { actorId: undefined, requestId, clientHash: keyedHash('client', root, clientAddressOf(request)) };
}

/**
 * Where a request of somebody who is signed in comes from, and who they are.
 * @throws HttpProblem 403 to somebody of another issuer
 */
export function originOf(call: Call & { readonly caller: Caller }, root: Secret): Known & { readonly actorId: string } {
  return { ...strangerOf(call, root), actorId: ownUser(call.caller) };
}

/**
 * The user who is signed in. A gateway may believe other issuers as well; their users have no account here, whatever roles they have.
 * @throws HttpProblem 403 to somebody of another issuer
 */
export function ownUser({ subject, issuer }: Caller): string {
  if (issuer === ISSUER && UserId.safeParse(subject).success) return subject;
  throw new HttpProblem(403, NOT_OURS);
}

export const NOT_OURS = 'you are signed in with another issuer: there is no account of yours here';

/**
 * The client as the gateway says: it puts it in front of `x-forwarded-for`. Whoever reaches the service past the gateway may say what
 * they like; then what counts failures per account still holds.
 */
function clientAddressOf(request: IncomingMessage): string {
  const [first = ''] = String(request.headers['x-forwarded-for'] ?? '').split(',');
  return first.trim() || (request.socket.remoteAddress ?? 'unknown');
}

/** What the client calls itself, for its owner's list of devices. */
export function deviceOf(request: IncomingMessage): string {
  const said = (request.headers['user-agent'] ?? '').replaceAll(/[^\x20-\x7e]/g, '').trim();
  return said === '' ? 'unknown' : said.slice(0, MAX_DEVICE_LENGTH);
}
