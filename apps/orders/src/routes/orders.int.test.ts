import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type Json } from '@ebb/core';
import { OrderPlaced } from '@ebb/schemas';
import { testService, type TestService } from '@ebb/testing';
import { orders } from '../service.ts';

let service: TestService;

beforeAll(async () => {
  service = await testService(orders, {
    migrations: new URL('../../migrations', import.meta.url),
    config: { PAYMENT_WINDOW: 900_000 },
  });
});
afterAll(() => service.close());

const { lines, total, shipTo } = OrderPlaced.example;
const [mug, tee] = lines as [(typeof lines)[number], (typeof lines)[number]];

const post = (body: Json, headers: Record<string, string> = {}) =>
  service.request('POST', '/orders', { body, headers });

describe('POST /orders', () => {
  it('places an order: 201, where it is, and its event', async () => {
    const { status, headers, json, emitted } = await post({ lines });
    const order = json() as { orderId: string };
    expect(status).toBe(201);
    expect(headers.location).toBe(`/orders/${order.orderId}`);
    expect(order).toMatchObject({ status: 'placed', lines, total, shipTo });
    expect(order).not.toHaveProperty('paymentToken');
    expect(emitted).toMatchObject([
      { type: OrderPlaced.type, subject: order.orderId, data: { ...OrderPlaced.example, orderId: order.orderId } },
    ]);
    expect((await service.request('GET', headers.location!)).json()).toMatchObject({
      ...order,
      history: [{ what: 'placed' }],
      next: [
        { when: 'stock-reserved', then: 'reserved' },
        { when: 'stock-rejected', then: 'rejected' },
        { when: 'shipping-quoted', then: 'quoted' },
        { when: 'shipping-rejected', then: 'releasing' },
        { when: 'cancellation-requested', then: 'releasing' },
      ],
    });
  });

  it.each([
    ['an orderId', (): [Json, Record<string, string>] => [{ orderId: newId(), lines }, {}]],
    ['an Idempotency-Key', (): [Json, Record<string, string>] => [{ lines }, { 'idempotency-key': newId() }]],
  ])('places an order once that is sent again with %s, also at the same time', async (_what, make) => {
    const [body, headers] = make();
    const replies = await Promise.all(Array.from({ length: 10 }, () => post(body, headers)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([...Array<number>(9).fill(200), 201]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(new Set(replies.map((reply) => reply.headers.location)).size).toBe(1);
    expect(replies.flatMap(({ emitted }) => emitted)).toHaveLength(1);
  });

  it('answers 409 to another order under the same id or key', async () => {
    const orderId = newId();
    await post({ orderId, lines });
    expect(await post({ orderId, lines: [mug] })).toMatchObject({ status: 409, emitted: [] });
    expect(await post({ orderId, lines, paymentToken: 'tok_slow' })).toMatchObject({ status: 409, emitted: [] });
    await post({ lines }, { 'idempotency-key': 'order-1' });
    expect(await post({ lines: [tee] }, { 'idempotency-key': 'order-1' })).toMatchObject({ status: 409, emitted: [] });
  });

  it.each([
    ['no lines', { lines: [] }, ['/lines']],
    ['nothing', {}, ['/lines']],
    [
      'several mistakes',
      { orderId: '42', lines: [{ ...mug, quantity: 0, sku: 'no sku' }] },
      ['/orderId', '/lines/0/sku', '/lines/0/quantity'],
    ],
    [
      'two currencies',
      { lines: [mug, { ...tee, unitPrice: { minorUnits: 1, currency: 'USD' } }] },
      ['/lines/1/unitPrice/currency'],
    ],
    ['a country that is none', { lines, shipTo: { country: 'Germany', postalCode: '10115' } }, ['/shipTo/country']],
    ['a card number', { lines, paymentToken: '4111 1111 1111 1111' }, ['/paymentToken']],
    [
      'fractions of a cent',
      { lines: [{ ...mug, unitPrice: { minorUnits: 12.5, currency: 'EUR' } }] },
      ['/lines/0/unitPrice/minorUnits'],
    ],
  ])('answers 422 to %s, with the place of each violation', async (_what, body, paths) => {
    const reply = await post(body);
    const { violations } = reply.json() as { violations: { path: string; message: string }[] };
    expect(reply.status).toBe(422);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(violations.map(({ path }) => path)).toEqual(paths);
    expect(reply.emitted).toEqual([]);
  });

  it('answers 422 to a field that it does not know, so that a misspelt one is noticed', async () => {
    expect(await post({ lines, orderID: newId() })).toMatchObject({ status: 422 });
  });

  it.each([
    ['an empty key', { lines }, { 'idempotency-key': ' ' }, 400],
    ['both an id and a key', { orderId: newId(), lines }, { 'idempotency-key': 'x' }, 400],
  ])('refuses %s', async (_what, body, headers, status) => {
    expect(await post(body, headers)).toMatchObject({ status, emitted: [] });
  });
});

describe('GET /orders', () => {
  it('lists the newest first, page by page, each order once', async () => {
    const placed: string[] = [];
    for (let n = 0; n < 5; n += 1) placed.unshift(((await post({ lines })).json() as { orderId: string }).orderId);
    const seen: string[] = [];
    let path: string | undefined = '/orders?limit=2';
    while (path !== undefined && seen.length < placed.length) {
      const page = (await service.request('GET', path)).json() as {
        orders: { orderId: string }[];
        nextCursor?: string;
      };
      seen.push(...page.orders.map(({ orderId }) => orderId));
      path = page.nextCursor && `/orders?limit=2&cursor=${page.nextCursor}`;
    }
    expect(seen.slice(0, placed.length)).toEqual(placed);
  });

  it('ends: the last page has no cursor', async () => {
    const page = (await service.request('GET', '/orders?limit=100')).json();
    expect(page).not.toHaveProperty('nextCursor');
  });

  it('answers 400 to a limit or cursor that it cannot use', async () => {
    expect(await service.request('GET', '/orders?limit=0&cursor=x')).toMatchObject({ status: 400 });
  });

  it.each([newId(), 'not-an-id'])('answers 404 to an order that there is not: %s', async (id) => {
    expect(await service.request('GET', `/orders/${id}`)).toMatchObject({ status: 404 });
  });
});
