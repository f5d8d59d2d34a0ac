import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, Secret } from '@ebb/core';
import {
  CaptureRefused,
  CaptureRequested,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRequested,
  PaymentVoided,
  VoidRequested,
} from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { startProvider, type Script, type ScriptedProvider } from '../provider/provider.fixture.ts';
import { payments } from '../service.ts';

const SECRET = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
const { amount } = PaymentRequested.example;

let provider: ScriptedProvider;
let service: TestService;

beforeAll(async () => {
  provider = await startProvider();
  service = await testService(payments, {
    migrations: new URL('../../migrations', import.meta.url),
    config: {
      PAYMENT_PROVIDER_URL: provider.url,
      PAYMENT_PROVIDER_TIMEOUT: 300,
      WEBHOOK_SECRET: new Secret(SECRET),
    },
  });
});
beforeEach(() => {
  provider.asked.length = 0;
});
afterAll(async () => {
  await service.close();
  await provider.close();
});

const answers = (status: number, said: string, reason?: string): Script => ({
  status,
  body: { status: said, ...(reason !== undefined && { reason }) },
});
const requested = (orderId: string) => exampleOf(PaymentRequested, { orderId });
const statusOf = async (orderId: string) =>
  ((await service.request('GET', `/payments/${orderId}`)).json() as { status: string }).status;

async function authorized(): Promise<string> {
  const orderId = newId();
  provider.script = [answers(201, 'authorized')];
  await service.deliver('authorize-payment', requested(orderId));
  provider.asked.length = 0;
  return orderId;
}

describe('authorize-payment', () => {
  it('has the money held, once, under a key of the order', async () => {
    const orderId = newId();
    provider.script = [answers(201, 'authorized')];
    const { emitted } = await service.deliver('authorize-payment', requested(orderId));
    expect(emitted).toMatchObject([{ type: PaymentAuthorized.type, data: { orderId, amount } }]);
    expect(await service.deliver('authorize-payment', requested(orderId))).toMatchObject({ emitted: [] });
    expect(provider.asked).toEqual([`POST /authorizations authorize-${orderId}`]);
    expect(await statusOf(orderId)).toBe('authorized');
  });

  it('says why it was declined', async () => {
    const orderId = newId();
    provider.script = [answers(402, 'declined', 'insufficient funds')];
    const { emitted } = await service.deliver('authorize-payment', requested(orderId));
    expect(emitted).toMatchObject([{ type: PaymentDeclined.type, data: { orderId, reason: 'insufficient funds' } }]);
  });

  it.each<[string, Script]>([
    ['lost', 'lost'],
    ['too late', 'silent'],
    ['a proxy’s 502', { status: 502, body: {} }],
  ])('asks what happened when the answer is %s', async (_what, script) => {
    const orderId = newId();
    const event = requested(orderId);
    provider.script = [script];
    expect(await service.deliver('authorize-payment', event)).toMatchObject({ outcome: 'retry', emitted: [] });
    provider.script = [answers(200, 'authorized')];
    const { emitted } = await service.deliver('authorize-payment', event);
    expect(emitted).toMatchObject([{ type: PaymentAuthorized.type }]);
    expect(provider.asked).toEqual([`POST /authorizations authorize-${orderId}`, `GET /authorizations/${orderId}`]);
  });

  it('asks again, with the same key, when nothing had happened', async () => {
    const orderId = newId();
    const event = requested(orderId);
    provider.script = ['lost'];
    await service.deliver('authorize-payment', event);
    provider.script = [{ status: 404, body: {} }, answers(201, 'authorized')];
    expect(await service.deliver('authorize-payment', event)).toMatchObject({ outcome: 'done' });
    expect(provider.asked.filter((one) => one === `POST /authorizations authorize-${orderId}`)).toHaveLength(2);
  });

  it('does not ask what happened when it was refused for now: nothing did', async () => {
    const event = requested(newId());
    provider.script = [{ status: 503, body: {} }];
    expect(await service.deliver('authorize-payment', event)).toMatchObject({ outcome: 'retry' });
    provider.script = [answers(201, 'authorized')];
    expect(await service.deliver('authorize-payment', event)).toMatchObject({ outcome: 'done' });
    expect(provider.asked.filter((one) => one.startsWith('GET'))).toEqual([]);
  });

  it('does not begin what was given up before', async () => {
    const orderId = newId();
    provider.script = [answers(200, 'voided')];
    await service.deliver('void-payment', exampleOf(VoidRequested, { orderId }));
    expect(await service.deliver('authorize-payment', requested(orderId))).toMatchObject({ emitted: [] });
    expect(provider.asked).toEqual([`POST /authorizations/${orderId}/void void-${orderId}`]);
  });
});

describe('capture-payment', () => {
  it('takes the money, once', async () => {
    const orderId = await authorized();
    provider.script = [answers(200, 'captured')];
    const capture = () => service.deliver('capture-payment', exampleOf(CaptureRequested, { orderId }));
    expect((await capture()).emitted).toMatchObject([{ type: PaymentCaptured.type, data: { orderId, amount } }]);
    expect((await capture()).emitted).toEqual([]);
    expect(await statusOf(orderId)).toBe('captured');
  });

  it('says so when the money is refused', async () => {
    const orderId = await authorized();
    provider.script = [answers(402, 'authorized', 'withdrawn')];
    const { emitted } = await service.deliver('capture-payment', exampleOf(CaptureRequested, { orderId }));
    expect(emitted).toMatchObject([{ type: CaptureRefused.type, data: { orderId, reason: 'withdrawn' } }]);
    expect(await statusOf(orderId)).toBe('authorized');
  });

  it('asks again with the same key when the answer was lost', async () => {
    const orderId = await authorized();
    const event = exampleOf(CaptureRequested, { orderId });
    provider.script = ['lost'];
    expect(await service.deliver('capture-payment', event)).toMatchObject({ outcome: 'retry' });
    provider.script = [answers(200, 'captured')];
    expect((await service.deliver('capture-payment', event)).emitted).toHaveLength(1);
    expect(new Set(provider.asked)).toEqual(new Set([`POST /authorizations/${orderId}/capture capture-${orderId}`]));
  });
});

describe('void-payment', () => {
  it('lets the money go', async () => {
    const orderId = await authorized();
    provider.script = [answers(200, 'voided')];
    const { emitted } = await service.deliver('void-payment', exampleOf(VoidRequested, { orderId }));
    expect(emitted).toMatchObject([{ type: PaymentVoided.type, data: { orderId } }]);
    expect(await statusOf(orderId)).toBe('voided');
  });

  it('has nothing to do for a payment that was declined', async () => {
    const orderId = newId();
    provider.script = [answers(402, 'declined', 'no')];
    await service.deliver('authorize-payment', requested(orderId));
    const { emitted } = await service.deliver('void-payment', exampleOf(VoidRequested, { orderId }));
    expect(emitted).toMatchObject([{ type: PaymentVoided.type }]);
    expect(provider.asked.some((one) => one.includes('void'))).toBe(false);
  });

  it('never gives back what was captured', async () => {
    const orderId = await authorized();
    provider.script = [answers(200, 'captured')];
    await service.deliver('capture-payment', exampleOf(CaptureRequested, { orderId }));
    const late = await service.deliver('void-payment', exampleOf(VoidRequested, { orderId }));
    expect(late).toMatchObject({ outcome: 'parked', reason: 'terminal', emitted: [] });
  });
});

describe('POST /webhooks/payment-provider', () => {
  const send = (data: unknown, { secret = SECRET, timeMs = Date.now() } = {}) => {
    const body = Buffer.from(JSON.stringify({ type: 'authorization.settled', data }));
    const [id, timestamp] = [newId(), Math.floor(timeMs / 1_000).toString()];
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return service.request('POST', '/webhooks/payment-provider', {
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
  };
  const pending = async () => {
    const orderId = newId();
    provider.script = [answers(202, 'pending')];
    await service.deliver('authorize-payment', requested(orderId));
    return orderId;
  };

  it('settles what was pending, once', async () => {
    const orderId = await pending();
    expect(await statusOf(orderId)).toBe('pending');
    const data = { reference: orderId, status: 'authorized' };
    const replies = await Promise.all([send(data), send(data), send(data)]);
    expect(replies.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(replies.flatMap(({ emitted }) => emitted)).toMatchObject([
      { type: PaymentAuthorized.type, data: { orderId, amount } },
    ]);
  });

  it('declines what was pending', async () => {
    const orderId = await pending();
    const { emitted } = await send({ reference: orderId, status: 'declined', reason: 'no' });
    expect(emitted).toMatchObject([{ type: PaymentDeclined.type, data: { orderId, reason: 'no' } }]);
  });

  it('changes nothing of what was given up meanwhile', async () => {
    const orderId = await pending();
    provider.script = [answers(200, 'voided')];
    await service.deliver('void-payment', exampleOf(VoidRequested, { orderId }));
    expect(await send({ reference: orderId, status: 'authorized' })).toMatchObject({ status: 204, emitted: [] });
    expect(await statusOf(orderId)).toBe('voided');
  });

  it('refuses what is forged or old, and what it does not know', async () => {
    const orderId = await pending();
    const data = { reference: orderId, status: 'authorized' };
    const other = `whsec_${Buffer.alloc(24).toString('base64')}`;
    expect(await send(data, { secret: other })).toMatchObject({ status: 401, emitted: [] });
    expect(await send(data, { timeMs: Date.now() - 301_000 })).toMatchObject({ status: 401, emitted: [] });
    expect(await service.request('POST', '/webhooks/payment-provider', { body: {} })).toMatchObject({ status: 401 });
    expect(await send({ reference: newId(), status: 'authorized' })).toMatchObject({ status: 404 });
    expect(await send({ reference: orderId, status: 'paid' })).toMatchObject({ status: 422, emitted: [] });
    expect(await statusOf(orderId)).toBe('pending');
  });
});

describe('GET /payments', () => {
  it('lists them page by page', async () => {
    await authorized();
    await authorized();
    const seen: unknown[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const page = (await service.request('GET', `/payments?limit=2&after=${after}`)).json() as {
        payments: { orderId: string }[];
        nextAfter?: number;
      };
      seen.push(...page.payments.map(({ orderId }) => orderId));
      after = page.nextAfter;
    }
    const [row] = await service.db<{ count: number }>`select count(*)::int as count from payments`;
    expect(new Set(seen).size).toBe(row?.count);
    expect(seen).toHaveLength(row?.count ?? 0);
  });

  it.each([newId(), 'no-id'])('answers 404 to an order without one: %s', async (id) => {
    expect(await service.request('GET', `/payments/${id}`)).toMatchObject({ status: 404 });
  });
});
