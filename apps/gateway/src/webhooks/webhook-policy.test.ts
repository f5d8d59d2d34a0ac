import { beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import { signedHeaders } from '@ebb/function';
import { TestExchange, type ExchangeOptions } from '../exchange.fixture.ts';
import { refusal } from '../pipeline/refusal.ts';
import type { Publish } from './outbox.ts';
import { webhookPolicy, type WebhookPolicyOptions } from './webhook-policy.ts';
import { parseWebhookSecrets } from './webhook-secrets.ts';

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const [OLD, NEW, STRANGE] = [secretOf(1), secretOf(2), secretOf(3)];
const NOW_MS = 1_700_000_000_000;
const BODY = Buffer.from('{"type":"paid",  "order":{"id":"order-1"}}');
const ROUTE = { path: '/webhooks/shop', webhook: { event: 'shop.order.paid', secret: 'shop' } };

interface Published {
  readonly topic: string;
  readonly event: CloudEvent;
}

let published: Published[];
beforeEach(() => {
  published = [];
});

const publish: Publish = (topic, event) => {
  published.push({ topic, event });
  return Promise.resolve();
};

async function take(options: ExchangeOptions, changed: Partial<WebhookPolicyOptions> = {}) {
  const policy = webhookPolicy({
    secrets: parseWebhookSecrets(JSON.stringify({ shop: [NEW, OLD] })),
    publish,
    eventOf: () => ({ topic: 'orders', key: '/order/id' }),
    toleranceMs: 300_000,
    clock: { ...systemClock, now: () => NOW_MS },
    ...changed,
  });
  return policy(new TestExchange({ method: 'POST', path: '/webhooks/shop', body: BODY, ...options, route: ROUTE }));
}

const signed = (secret = NEW, { id = 'msg_1', body = BODY, nowMs = NOW_MS } = {}) => ({
  headers: signedHeaders(secret, id, body, nowMs),
  body,
});

describe('a webhook that is genuine', () => {
  it.each([NEW, OLD])('becomes an event, and is answered when that is kept', async (secret) => {
    expect(await take(signed(secret))).toEqual({ kind: 'answer', status: 202, headers: {} });
    expect(published).toMatchObject([
      {
        topic: 'orders',
        event: {
          id: 'msg_1',
          source: '/webhooks/shop',
          type: 'shop.order.paid',
          subject: 'order-1',
          partitionkey: 'order-1',
          time: '2023-11-14T22:13:20.000Z',
          data: { type: 'paid', order: { id: 'order-1' } },
        },
      },
    ]);
  });

  it('and comes again is the same event', async () => {
    await take(signed());
    await take(signed(OLD, { nowMs: NOW_MS - 100_000 }));
    expect(published.map(({ event: { id, source } }) => [id, source])).toEqual([
      ['msg_1', '/webhooks/shop'],
      ['msg_1', '/webhooks/shop'],
    ]);
  });

  it('has no key where its type has none', async () => {
    await take(signed(), { eventOf: () => ({ topic: 'orders' }) });
    expect(published[0]?.event).not.toHaveProperty('partitionkey');
  });

  it.each<[string, Partial<WebhookPolicyOptions>]>([
    ['it cannot be kept', { publish: () => Promise.reject(new Error('shop: 127.0.0.1:5432 is away')) }],
    ['nobody knows its type', { eventOf: () => undefined }],
    ['its secret was forgotten', { secrets: new Map() }],
  ])('is to come again when %s', async (_what, changed) => {
    const verdict = await take(signed(), changed);
    expect(verdict).toMatchObject({ problem: { status: 503 }, headers: { 'retry-after': '30' } });
    expect(JSON.stringify(verdict)).not.toMatch(/127\.0\.0\.1|whsec|WEBHOOK_SECRETS|shop/);
  });
});

describe('a webhook that is not taken', () => {
  it.each<[string, ExchangeOptions, number]>([
    ['because somebody else signed it', signed(STRANGE), 401],
    ['because it was changed', { ...signed(), body: Buffer.from('{"type":"paid","order":{"id":"order-2"}}') }, 401],
    ['because it is not signed', { headers: {} }, 401],
    ['because it is a recording', signed(NEW, { nowMs: NOW_MS - 301_000 }), 400],
    ['because it is of the future', signed(NEW, { nowMs: NOW_MS + 301_000 }), 400],
    ['because it is no JSON', signed(NEW, { body: Buffer.from('{') }), 400],
    ['because it is no text', signed(NEW, { body: Buffer.from([0x22, 0xff, 0x22]) }), 400],
    ['because it is empty', signed(NEW, { body: Buffer.alloc(0) }), 400],
    ['because it has no key', signed(NEW, { body: Buffer.from('{"order":{}}') }), 400],
    ['because its key is no text', signed(NEW, { body: Buffer.from('{"order":{"id":7}}') }), 400],
  ])('%s', async (_why, options, expected) => {
    expect(await take(options)).toMatchObject({ reason: 'webhook', problem: { status: expected } });
    expect(published).toEqual([]);
  });

  it('because it is too large', async () => {
    const tooLarge = refusal('too-large', 413, 'the body is larger than it may be');
    expect(await take({ ...signed(), body: tooLarge })).toBe(tooLarge);
  });

  it('is none on other routes', () => {
    const policy = webhookPolicy({
      secrets: new Map(),
      publish,
      eventOf: () => undefined,
      toleranceMs: 1,
      clock: systemClock,
    });
    expect(policy(new TestExchange())).toBeUndefined();
  });
});

describe('the secrets of webhooks', () => {
  it('may be one or several, by name', () => {
    const secrets = parseWebhookSecrets(JSON.stringify({ one: NEW, two: [NEW, OLD] }));
    expect([...secrets].map(([name, each]) => [name, each.length])).toEqual([
      ['one', 1],
      ['two', 2],
    ]);
  });

  it.each([
    'hunter2',
    '[]',
    'null',
    '{"shop": []}',
    '{"shop": "hunter2"}',
    '{"shop": "whsec_hunter2"}',
    `{"shop": "whsec_${Buffer.alloc(23).toString('base64')}"}`,
    `{"shop": ${JSON.stringify(Array(6).fill(secretOf(1)))}}`,
    '{"shop": {"hunter2": true}}',
  ])('are refused without telling what they are: %s', (text) => {
    expect(() => parseWebhookSecrets(text)).toThrow(/^must /);
    expect(() => parseWebhookSecrets(text)).not.toThrow(/hunter2/);
  });
});
