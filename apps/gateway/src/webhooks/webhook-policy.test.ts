import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import { decodeHttp } from '@ebb/events';
import { signedHeaders } from '@ebb/function';
import { TestExchange, type ExchangeOptions } from '../exchange.fixture.ts';
import { refusal } from '../pipeline/refusal.ts';
import { publishTo } from './broker.ts';
import { webhookPolicy, type WebhookPolicyOptions } from './webhook-policy.ts';
import { parseWebhookSecrets } from './webhook-secrets.ts';

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const [OLD, NEW, STRANGE] = [secretOf(1), secretOf(2), secretOf(3)];
const NOW_MS = 1_700_000_000_000;
const BODY = Buffer.from('{"type":"paid",  "order":{"id":"order-1"}}');
const ROUTE = { path: '/webhooks/shop', webhook: { event: 'shop.order.paid', secret: 'shop' } };

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let broker: Server;
let received: Received[];
let status: number;
let url: string;

beforeEach(async () => {
  [received, status] = [[], 202];
  broker = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(broker.address() as AddressInfo).port}/broker/default/{topic}`;
});
afterEach(async () => {
  broker.closeAllConnections();
  await new Promise((resolve) => broker.close(resolve));
});

async function take(options: ExchangeOptions, changed: Partial<WebhookPolicyOptions> = {}) {
  const policy = webhookPolicy({
    secrets: parseWebhookSecrets(JSON.stringify({ shop: [NEW, OLD] })),
    publish: publishTo(url),
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
  it.each([NEW, OLD])('becomes an event, and is answered when the broker has it', async (secret) => {
    expect(await take(signed(secret))).toEqual({ kind: 'answer', status: 202, headers: {} });
    expect(received.map(({ url: path }) => path)).toEqual(['/broker/default/orders']);
    const [{ headers, body }] = received as [Received];
    const [decoded] = decodeHttp(headers, body).events;
    expect(decoded?.payload).toEqual(BODY);
    expect(decoded?.event).toMatchObject({
      id: 'msg_1',
      source: '/webhooks/shop',
      type: 'shop.order.paid',
      subject: 'order-1',
      partitionkey: 'order-1',
      time: '2023-11-14T22:13:20.000Z',
      data: { type: 'paid', order: { id: 'order-1' } },
    });
  });

  it('and comes again is the same event', async () => {
    await take(signed());
    await take(signed(OLD, { nowMs: NOW_MS - 100_000 }));
    expect(received.map(({ headers }) => [headers['ce-id'], headers['ce-source']])).toEqual([
      ['msg_1', '/webhooks/shop'],
      ['msg_1', '/webhooks/shop'],
    ]);
  });

  it('has no key where its type has none', async () => {
    await take(signed(), { eventOf: () => ({ topic: 'orders' }) });
    expect(received[0]?.headers).not.toHaveProperty('ce-partitionkey');
  });

  it.each<[string, () => void, Partial<WebhookPolicyOptions>]>([
    ['the broker refuses', () => (status = 503), {}],
    ['there is no such broker', () => (status = 404), {}],
    ['the broker is away', () => undefined, { publish: publishTo('http://127.0.0.1:1/{topic}') }],
    ['nobody said where the broker is', () => undefined, { publish: undefined }],
    ['nobody knows its type', () => undefined, { eventOf: () => undefined }],
    ['its secret was forgotten', () => undefined, { secrets: new Map() }],
  ])('is to come again when %s', async (_what, prepare, changed) => {
    prepare();
    const verdict = await take(signed(), changed);
    expect(verdict).toMatchObject({ problem: { status: 503 }, headers: { 'retry-after': '30' } });
    expect(JSON.stringify(verdict)).not.toMatch(/127\.0\.0\.1|whsec|WEBHOOK_SECRETS|BROKER_URL|shop/);
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
    expect(received).toEqual([]);
  });

  it('because it is too large', async () => {
    const tooLarge = refusal('too-large', 413, 'the body is larger than it may be');
    expect(await take({ ...signed(), body: tooLarge })).toBe(tooLarge);
  });

  it('is none on other routes', () => {
    const policy = webhookPolicy({
      secrets: new Map(),
      publish: undefined,
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
