import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StockRestocked } from '@ebb/schemas';
import { testService, type TestService } from '@ebb/testing';
import { inventory } from '../service.ts';

let service: TestService;

beforeAll(async () => {
  service = await testService(inventory, { migrations: new URL('../../migrations', import.meta.url) });
});
afterAll(() => service.close());

const restock = (sku: string, body: { quantity: number }, headers: Record<string, string> = {}) =>
  service.request('POST', `/stock/${sku}/restock`, { body, headers });

describe('GET /stock', () => {
  it('lists what there is, by SKU', async () => {
    const { status, json } = await service.request('GET', '/stock');
    const { stock } = json() as { stock: { sku: string }[] };
    expect(status).toBe(200);
    expect(stock.map(({ sku }) => sku)).toEqual(stock.map(({ sku }) => sku).toSorted());
    expect(stock).toContainEqual({ sku: 'MUG-RED', name: 'Red mug', onHand: 100, reserved: 0, available: 100 });
  });

  it('shows one product, and 404 for one that is unknown', async () => {
    expect((await service.request('GET', '/stock/LAMP-DESK')).json()).toMatchObject({ sku: 'LAMP-DESK', available: 3 });
    const unknown = await service.request('GET', '/stock/UNICORN');
    expect(unknown.status).toBe(404);
    expect(unknown.json()).toMatchObject({ title: 'Not Found', detail: 'there is no product UNICORN' });
  });
});

describe('POST /stock/:sku/restock', () => {
  it('adds what came in, and publishes it', async () => {
    const { status, json, emitted } = await restock('TEE-M', { quantity: 24 });
    expect(status).toBe(200);
    expect(json()).toMatchObject({ sku: 'TEE-M', onHand: 74, available: 74 });
    expect(emitted).toMatchObject([
      { type: StockRestocked.type, subject: 'TEE-M', data: { sku: 'TEE-M', quantity: 24, available: 74 } },
    ]);
  });

  it('adds once what is sent twice with one Idempotency-Key, also at the same time', async () => {
    const key = { 'idempotency-key': 'delivery-note-1' };
    const replies = await Promise.all(Array.from({ length: 10 }, () => restock('TEE-S', { quantity: 7 }, key)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(replies.flatMap(({ emitted }) => emitted)).toHaveLength(1);
    expect((await service.request('GET', '/stock/TEE-S')).json()).toMatchObject({ onHand: 57 });
  });

  it('answers 409 to the same key with something else', async () => {
    const key = { 'idempotency-key': 'delivery-note-2' };
    await restock('TEE-L', { quantity: 1 }, key);
    const other = await restock('TEE-L', { quantity: 2 }, key);
    expect(other.status).toBe(409);
    expect((await service.request('GET', '/stock/TEE-L')).json()).toMatchObject({ onHand: 51 });
  });

  it.each([
    ['an unknown product', 'UNICORN', { quantity: 1 }, {}, 404],
    ['what can be no SKU', '%00', { quantity: 1 }, {}, 404],
    ['no quantity', 'MUG-RED', {}, {}, 422],
    ['a quantity of nothing', 'MUG-RED', { quantity: 0 }, {}, 422],
    ['a field too many', 'MUG-RED', { quantity: 1, color: 'red' }, {}, 422],
    ['an empty key', 'MUG-RED', { quantity: 1 }, { 'idempotency-key': '' }, 400],
  ])('refuses %s', async (_what, sku, body, headers, status) => {
    const reply = await service.request('POST', `/stock/${sku}/restock`, { body, headers });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.emitted).toEqual([]);
  });
});
