import type { Secret } from '@ebb/core';
import type { Caller } from '@ebb/function';
import type { Request, Response } from 'express';
import { keyedHash } from '../crypto/keyed-hash.ts';
import type { Origin } from '../store/audit.ts';

const MAX_DEVICE_LENGTH = 200;

/** Where a request comes from, as everything here keeps it: with the client's network address as a keyed hash. */
export function originOf(
  {
    request,
    response,
    caller,
  }: { readonly request: Request; readonly response: Response; readonly caller?: Caller | undefined },
  root: Secret,
): Origin & { readonly clientHash: string } {
  const requestId = response.get('x-request-id');
  return { actorId: caller?.subject, requestId, clientHash: keyedHash('client', root, clientAddressOf(request)) };
}

/**
 * The client as the gateway says: it puts it in front of `x-forwarded-for`. Whoever reaches the service past the gateway may say what
 * they like; then what counts failures per account still holds.
 */
function clientAddressOf(request: Request): string {
  const [first = ''] = (request.get('x-forwarded-for') ?? '').split(',');
  return first.trim() || (request.socket.remoteAddress ?? 'unknown');
}

/** What the client calls itself, for its owner's list of devices. */
export function deviceOf(request: Request): string {
  const said = (request.get('user-agent') ?? '').replaceAll(/[^\x20-\x7e]/g, '').trim();
  return said === '' ? 'unknown' : said.slice(0, MAX_DEVICE_LENGTH);
}
