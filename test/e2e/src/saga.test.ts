import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpResult, type WorkspaceCopy } from '@ebb/testing/local';
import {
  cancel,
  decided,
  ledgerOf,
  line,
  paymentOf,
  placeOrder,
  reached,
  restock,
  stockOf,
  type Line,
  type Order,
  type Terms,
} from '@ebb/shop';

interface Config {
  readonly env: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Short, so that what never comes is given up soon; longer than an answer of the provider may take. */
const PAYMENT_WINDOW = '5s';
const CONFIRMED_MUG = 1_250 + 549;

let workspace: WorkspaceCopy;
let ebb: Ebb;
let secret: string;

/** On a busy machine the builds of all services take their time. */
const START_DEADLINE_MS = 90_000;

beforeAll(async () => {
  const origin = copyWorkspace(import.meta.dirname, { apps: [] });
  const { env } = JSON.parse(readFileSync(join(origin.root, 'ebb.config.json'), 'utf8')) as Config;
  origin.remove();
  secret = env.payments?.WEBHOOK_SECRET ?? '';
  const settings = {
    orders: { PAYMENT_WINDOW },
    payments: { ...env.payments, PAYMENT_PROVIDER_TIMEOUT: '1s' },
  };
  workspace = copyWorkspace(import.meta.dirname, { name: 'ebb-saga', config: { env: { ...env, ...settings } } });
  ebb = await Ebb.start(workspace, ['--no-watch']);
  await restock(ebb, 1_000);
}, START_DEADLINE_MS);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

async function place(terms: Terms, lines: readonly Line[] = [line()]): Promise<string> {
  const response = await placeOrder(ebb, lines, undefined, terms);
  expect(response.status).toBe(201);
  return response.json<{ orderId: string }>().orderId;
}

const happened = ({ history }: Order) => history.map(({ what }) => what);
const booked = async (orderId: string) => (await ledgerOf(ebb, orderId)).map(({ what }) => what);

/** What of a product is in the warehouse, once nothing is set aside any more. */
function onHand(): Promise<number> {
  return eventually(
    async () => {
      const stock = await stockOf(ebb);
      if (stock.reserved > 0) throw new Error(`${stock.reserved} are still set aside`);
      return stock.onHand;
    },
    { timeoutMs: 30_000 },
  );
}

describe('an order whose payment', () => {
  it.each([
    ['is told at once', 'tok_ok'],
    ['is told later, by webhook', 'tok_slow'],
    ['took effect, but whose answer was lost', 'tok_ambiguous'],
    ['is refused at first', 'tok_busy'],
  ])('%s (%s) is confirmed, and paid for once', async (_what, paymentToken) => {
    const before = await onHand();
    const orderId = await place({ paymentToken });
    const order = await decided(ebb, orderId);
    expect(order).toMatchObject({ status: 'confirmed', shipping: { minorUnits: 549, currency: 'EUR' }, next: [] });
    expect(order.trackingNumber).toMatch(/^EBB\d{13}$/);
    expect(await ledgerOf(ebb, orderId)).toMatchObject(
      ['authorized', 'captured'].map((what) => ({ what, amount: { minorUnits: CONFIRMED_MUG, currency: 'EUR' } })),
    );
    expect(await paymentOf(ebb, orderId)).toMatchObject({ status: 'captured', amount: { minorUnits: CONFIRMED_MUG } });
    expect(await onHand()).toBe(before - 1);
  });

  it.each([
    ['is declined', 'tok_declined', 'rejected', [], 'declined'],
    ['is declined later, by webhook', 'tok_slow_declined', 'rejected', [], 'declined'],
    ['cannot be captured', 'tok_uncapturable', 'rejected', ['authorized', 'voided'], 'voided'],
    ['never comes', 'tok_abandoned', 'expired', [], 'voided'],
    ['is never answered', 'tok_timeout', 'expired', [], 'voided'],
  ])('%s (%s) is %s, and everything is undone', async (_what, paymentToken, status, ledger, payment) => {
    const before = await onHand();
    const orderId = await place({ paymentToken });
    const order = await decided(ebb, orderId, 30_000);
    expect(order.status).toBe(status);
    expect(happened(order)).toContain('stock-released');
    expect(await booked(orderId)).toEqual(ledger);
    expect(await paymentOf(ebb, orderId)).toMatchObject({ status: payment });
    expect(await onHand()).toBe(before);
  });
});

describe('an order that cannot be fulfilled', () => {
  it('because something is out of stock is rejected, and costs nothing', async () => {
    const orderId = await place({}, [line(1), line(9_999, 'TEE-M')]);
    expect(await decided(ebb, orderId)).toMatchObject({ status: 'rejected', reason: /TEE-M/ });
    expect(await booked(orderId)).toEqual([]);
    expect(await paymentOf(ebb, orderId)).toBeUndefined();
  });

  it('because nobody ships there is rejected, and its stock is put back', async () => {
    const before = await onHand();
    const orderId = await place({ shipTo: { country: 'AQ', postalCode: '1' } });
    expect(await decided(ebb, orderId)).toMatchObject({ status: 'rejected', reason: 'we do not ship to AQ' });
    expect(await booked(orderId)).toEqual([]);
    expect(await onHand()).toBe(before);
  });
});

describe('cancelling an order', () => {
  it('whose payment is under way undoes everything', async () => {
    const before = await onHand();
    const orderId = await place({ paymentToken: 'tok_abandoned' });
    const waiting = await reached(ebb, orderId, 'awaiting-payment');
    expect(waiting.next.map(({ when }) => when)).toContain('cancellation-requested');
    expect((await cancel(ebb, orderId)).status).toBe(202);
    const order = await decided(ebb, orderId);
    expect(happened(order).slice(-4)).toEqual([
      'cancellation-requested',
      'payment-voided',
      'stock-released',
      'cancelled',
    ]);
    expect(await booked(orderId)).toEqual([]);
    expect(await onHand()).toBe(before);
    expect((await cancel(ebb, orderId)).status).toBe(200);
  });

  it('at any time either undoes everything or comes too late', async () => {
    const before = await onHand();
    const orderIds = await Promise.all(Array.from({ length: 8 }, () => place({ paymentToken: 'tok_ok' })));
    const answers = await Promise.all(
      orderIds.map(async (orderId, at) => {
        if (at % 2 === 1) await reached(ebb, orderId, 'awaiting-payment').catch(() => undefined);
        return cancel(ebb, orderId);
      }),
    );
    const orders = await Promise.all(orderIds.map((orderId) => decided(ebb, orderId)));
    for (const [at, { orderId, status }] of orders.entries()) {
      expect([202, 409]).toContain(answers[at]?.status);
      expect(status).toBe(answers[at]?.status === 202 ? 'cancelled' : 'confirmed');
      const ledger = await booked(orderId);
      expect(ledger.filter((what) => what !== 'authorized')).toEqual(
        status === 'confirmed' ? ['captured'] : ledger.includes('authorized') ? ['voided'] : [],
      );
    }
    expect(await onHand()).toBe(before - orders.filter(({ status }) => status === 'confirmed').length);
  });

  it('that is confirmed comes too late', async () => {
    const orderId = await place({});
    await decided(ebb, orderId);
    expect((await cancel(ebb, orderId)).status).toBe(409);
  });
});

describe('a webhook', () => {
  const send = (orderId: string, status: string, key = secret, timeMs = Date.now()): Promise<HttpResult> => {
    const body = JSON.stringify({ type: 'authorization.settled', data: { reference: orderId, status } });
    const [id, timestamp] = [randomUUID(), Math.floor(timeMs / 1_000).toString()];
    const mac = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'));
    const signature = mac.update(`${id}.${timestamp}.${body}`).digest('base64');
    return ebb.http('payments', '/webhooks/payment-provider', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
  };

  it('that is forged or recorded changes nothing', async () => {
    const orderId = await place({ paymentToken: 'tok_abandoned' });
    await eventually(async () => (await paymentOf(ebb, orderId))?.status === 'pending', { timeoutMs: 20_000 });
    const forged = await send(orderId, 'authorized', `whsec_${Buffer.alloc(24).toString('base64')}`);
    const recorded = await send(orderId, 'authorized', secret, Date.now() - 3_600_000);
    expect([forged.status, recorded.status]).toEqual([401, 401]);
    expect((await decided(ebb, orderId, 30_000)).status).toBe('expired');
  });

  it('that comes several times, also after the order is decided, counts once', async () => {
    const orderId = await place({ paymentToken: 'tok_slow' });
    await decided(ebb, orderId);
    const again = await Promise.all(Array.from({ length: 5 }, () => send(orderId, 'authorized')));
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await booked(orderId)).toEqual(['authorized', 'captured']);
    expect((await decided(ebb, orderId)).history.filter(({ what }) => what === 'payment-authorized')).toHaveLength(1);
  });
});

it('leaves nothing that a person would have to look at', async () => {
  await onHand();
  const { code, stdout, stderr } = await ebb.cli(['status', '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { parked } = JSON.parse(stdout) as { parked: Record<string, Record<string, number>> };
  expect(Object.keys(parked).sort()).toContain('payments');
  expect(Object.values(parked).flatMap((counts) => Object.values(counts))).toEqual([]);
});
