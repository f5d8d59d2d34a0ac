import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers of a signed webhook, after Standard Webhooks. */
export interface WebhookHeaders {
  readonly id: string | undefined;
  /** Seconds since the epoch. */
  readonly timestamp: string | undefined;
  /** One or more, separated by spaces: while a secret is being replaced there are two. */
  readonly signature: string | undefined;
}

/** Why a webhook must not be believed. */
export interface WebhookDoubt {
  /** `untimely`: its sender is who it should be, but it may be a recording. */
  readonly kind: 'unsigned' | 'false' | 'untimely';
  readonly detail: string;
}

export interface WebhookCheck {
  /** `whsec_` and base64. Several while one is being replaced: any of them will do. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
  /** How far its clock may be from ours, and how late a webhook may come. Default 5 minutes. */
  readonly toleranceMs?: number;
}

const TOLERANCE_MS = 300_000;
const PREFIX = 'whsec_';
const VERSION = 'v1,';
/** Nobody replaces so many secrets at once; comparing must not become work for strangers. */
const MAX_SIGNATURES = 10;
/** It goes into what is signed, and an id of something else must not be made to look like it. */
const ID = /^[^\s.]{1,255}$/;

/**
 * Why a webhook must not be believed; undefined when it may be. The signature covers the id and the time, so that one that somebody recorded is
 * worth nothing after a few minutes.
 * @param body exactly as it came
 * @see https://www.standardwebhooks.com
 */
export function doubtAbout(headers: WebhookHeaders, body: Buffer, check: WebhookCheck): WebhookDoubt | undefined {
  const { id, timestamp, signature } = headers;
  if (!id || !timestamp || !signature) return { kind: 'unsigned', detail: 'the webhook is not signed' };
  if (!ID.test(id)) return { kind: 'unsigned', detail: 'the id of the webhook is none' };
  if (!/^\d{1,12}$/.test(timestamp)) return { kind: 'unsigned', detail: 'the time of the webhook is none' };
  if (!isSigned(`${id}.${timestamp}.`, body, signature, check.secrets)) {
    return { kind: 'false', detail: 'the signature is not right' };
  }
  const offMs = Math.abs(check.nowMs - Number(timestamp) * 1_000);
  if (offMs <= (check.toleranceMs ?? TOLERANCE_MS)) return undefined;
  return { kind: 'untimely', detail: 'the webhook is too old, or of the future' };
}

/** The headers that a webhook is sent with. @param secret `whsec_` and base64 */
export function signedHeaders(secret: string, id: string, body: Buffer, nowMs: number): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1_000).toString();
  const signature = digestOf(secret, `${id}.${timestamp}.`, body).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `${VERSION}${signature}` };
}

function isSigned(prefix: string, body: Buffer, signature: string, secrets: readonly string[]): boolean {
  const given = signature
    .split(' ', MAX_SIGNATURES)
    .filter((each) => each.startsWith(VERSION))
    .map((each) => Buffer.from(each.slice(VERSION.length), 'base64'));
  const right = secrets.map((secret) => digestOf(secret, prefix, body));
  // All are compared, whichever fits.
  return right.flatMap((digest) => given.map((each) => isEqual(each, digest))).includes(true);
}

function digestOf(secret: string, prefix: string, body: Buffer): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return createHmac('sha256', key).update(prefix).update(body).digest();
}

/** In constant time: how long it takes must not tell how much of a guess was right. */
function isEqual(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}
