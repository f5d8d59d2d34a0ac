import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * The headers of a signed webhook, after Standard Webhooks.
 * @see https://www.standardwebhooks.com
 */
export function signedHeaders(secret: string, id: string, body: Buffer, nowMs: number): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1_000).toString();
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
