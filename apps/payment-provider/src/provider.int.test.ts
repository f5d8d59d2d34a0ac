import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, Secret } from '@ebb/core';
import { AuthorizationSettled, DecisionFellDue } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { paymentProvider } from './service.ts';

const SECRET = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
const amount = { minorUnits: 4_949, currency: 'EUR' };

let service: TestService;
let merchant: Server;
let merchantAnswers = 204;
const heard: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  merchant = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(merchantAnswers).end();
    });
  });
  await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve));
  service = await testService(paymentProvider, {
    migrations: new URL('../migrations', import.meta.url),
    config: {
      DECIDE_AFTER: 1_000,
      MERCHANT_URL: `http://127.0.0.1:${(merchant.address() as AddressInfo).port}`,
      WEBHOOK_SECRET: new Secret(SECRET),
    },
  });
});
afterAll(async () => {
  await service.close();
  merchant.closeAllConnections();
  await new Promise((resolve) => merchant.close(resolve));
});

const authorize = (reference: string, token: string, key = `authorize-${reference}`) =>
  service.request('POST', '/authorizations', {
    headers: { 'idempotency-key': key },
    body: { reference, amount, token },
  });
const change = (reference: string, what: 'capture' | 'void', key = `${what}-${reference}`) =>
  service.request('POST', `/authorizations/${reference}/${what}`, { headers: { 'idempotency-key': key } });
const ledgerOf = async (reference: string) => {
  const { entries } = (await service.request('GET', `/ledger?reference=${reference}`)).json() as {
    entries: { what: string; amount: unknown }[];
  };
  expect(entries.every((entry) => JSON.stringify(entry.amount) === JSON.stringify(amount))).toBe(true);
  return entries.map(({ what }) => what);
};

describe('a card', () => {
  it.each([
    ['tok_ok', 201, 'authorized', ['authorized']],
    ['tok_declined', 402, 'declined', []],
    ['tok_unheard_of', 402, 'declined', []],
    ['tok_slow', 202, 'pending', []],
    ['tok_abandoned', 202, 'pending', []],
  ])('%s is answered with %i, %s', async (token, status, said, entries) => {
    const reference = newId();
    const reply = await authorize(reference, token);
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ reference, status: said, amount });
    expect(await ledgerOf(reference)).toEqual(entries);
  });

  it('tok_ambiguous takes effect, but its first answer is lost; the merchant is told by webhook', async () => {
    const reference = newId();
    await expect(authorize(reference, 'tok_ambiguous')).rejects.toThrow();
    expect(await ledgerOf(reference)).toEqual(['authorized']);
    expect((await authorize(reference, 'tok_ambiguous')).status).toBe(201);
    expect(await ledgerOf(reference)).toEqual(['authorized']);
    const [row] = await service.db`select 1 from outbox where event->>'subject' = ${reference}`;
    expect(row).toBeDefined();
  });

  it('tok_busy is refused at first, and nothing happened', async () => {
    const reference = newId();
    expect((await authorize(reference, 'tok_busy')).status).toBe(503);
    expect(await ledgerOf(reference)).toEqual([]);
    expect((await authorize(reference, 'tok_busy')).status).toBe(201);
  });

  it('tok_slow is decided later, unless it was voided meanwhile', async () => {
    const [kept, voided] = [newId(), newId()];
    await authorize(kept, 'tok_slow');
    await authorize(voided, 'tok_slow');
    await change(voided, 'void');
    const due = (reference: string) => service.deliver('decide', exampleOf(DecisionFellDue, { reference }));
    expect((await due(kept)).emitted).toMatchObject([
      { type: AuthorizationSettled.type, data: { status: 'authorized' } },
    ]);
    expect((await due(voided)).emitted).toEqual([]);
    expect(await ledgerOf(kept)).toEqual(['authorized']);
    expect(await ledgerOf(voided)).toEqual([]);
  });
});

describe('an idempotency key', () => {
  it('gives the same answer to the same request, also at the same time', async () => {
    const reference = newId();
    const replies = await Promise.all(Array.from({ length: 10 }, () => authorize(reference, 'tok_ok')));
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await ledgerOf(reference)).toEqual(['authorized']);
  });

  it('is refused for another request', async () => {
    const key = newId();
    await authorize(newId(), 'tok_ok', key);
    expect(await authorize(newId(), 'tok_ok', key)).toMatchObject({ status: 422 });
  });

  it('is required', async () => {
    const body = { reference: newId(), amount, token: 'tok_ok' };
    expect(await service.request('POST', '/authorizations', { body })).toMatchObject({ status: 400 });
  });
});

describe('money', () => {
  it('is captured once, whatever the key', async () => {
    const reference = newId();
    await authorize(reference, 'tok_ok');
    expect(await change(reference, 'capture')).toMatchObject({ status: 200 });
    expect(await change(reference, 'capture', newId())).toMatchObject({ status: 200 });
    expect(await ledgerOf(reference)).toEqual(['authorized', 'captured']);
    expect(await change(reference, 'void')).toMatchObject({ status: 409 });
  });

  it('is let go once', async () => {
    const reference = newId();
    await authorize(reference, 'tok_ok');
    await change(reference, 'void');
    await change(reference, 'void', newId());
    expect(await ledgerOf(reference)).toEqual(['authorized', 'voided']);
    expect(await change(reference, 'capture')).toMatchObject({ status: 409 });
  });

  it('of a payment that was given up before it was asked for is never held', async () => {
    const reference = newId();
    expect((await change(reference, 'void')).json()).toMatchObject({ status: 'voided' });
    expect(await authorize(reference, 'tok_ok')).toMatchObject({ status: 409 });
    expect(await ledgerOf(reference)).toEqual([]);
  });

  it('of some cards cannot be captured', async () => {
    const reference = newId();
    await authorize(reference, 'tok_uncapturable');
    expect(await change(reference, 'capture')).toMatchObject({ status: 402 });
    expect(await ledgerOf(reference)).toEqual(['authorized']);
  });

  it('is in the ledger, page by page', async () => {
    const first = (await service.request('GET', '/ledger?limit=2')).json() as { nextAfter: number; entries: unknown[] };
    expect(first.entries).toHaveLength(2);
    const next = (await service.request('GET', `/ledger?after=${first.nextAfter}`)).json() as { entries: object[] };
    expect(next.entries[0]).toMatchObject({ entry: first.nextAfter + 1 });
    expect(await service.request('GET', '/ledger?limit=0')).toMatchObject({ status: 400 });
  });
});

describe('a webhook', () => {
  const settled = () => exampleOf(AuthorizationSettled, { reference: newId() });

  it('is signed, and named after its event', async () => {
    const event = settled();
    expect(await service.deliver('send-webhook', event)).toMatchObject({ outcome: 'done' });
    const { headers, body } = heard.at(-1)!;
    expect(headers).toMatchObject({ 'webhook-id': event.id, 'content-type': 'application/json' });
    expect(headers['webhook-signature']).toMatch(/^v1,.{44}$/);
    expect(JSON.parse(body)).toEqual({ type: 'authorization.settled', data: event.data });
  });

  it.each([
    [503, 'retry'],
    [401, 'parked'],
  ])('that the merchant answers with %i: %s', async (status, outcome) => {
    merchantAnswers = status;
    expect(await service.deliver('send-webhook', settled())).toMatchObject({ outcome });
    merchantAnswers = 204;
  });
});
