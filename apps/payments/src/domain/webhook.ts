import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers of a signed webhook, after Standard Webhooks. */
export interface WebhookHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  /** One or more, separated by spaces: while a secret is being replaced there are two. */
  readonly signature: string | undefined;
}

/** How far its clock may be from ours, and how late a webhook may come. */
const TOLERANCE_S = 300;
const PREFIX = 'whsec_';

/**
 * Why a webhook must not be believed; undefined when it may be. The signature covers the id and the time, so that one that somebody
 * recorded is worth nothing after a few minutes.
 * @see https://www.standardwebhooks.com
 */
export function whyNotGenuine(
  { id, timestamp, signature }: WebhookHeaders,
  body: Buffer,
  secret: string,
  nowMs: number,
): string | undefined {
  if (!id || !timestamp || !signature) return 'the webhook is not signed';
  if (!/^\d{1,12}$/.test(timestamp)) return 'the time of the webhook is none';
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > TOLERANCE_S) return 'the webhook is too old, or of the future';
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const isRight = signature.split(' ').some((one) => one.startsWith('v1,') && isEqual(one.slice('v1,'.length), right));
  return isRight ? undefined : 'the signature is not right';
}

/** In constant time: how long it takes must not tell how much of a guess was right. */
function isEqual(base64: string, right: Buffer): boolean {
  const given = Buffer.from(base64, 'base64');
  return given.length === right.length && timingSafeEqual(given, right);
}
