import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { itemsOf, shortagesOf } from './reservation.ts';

const line = fc.record({ sku: fc.constantFrom('LAMP', 'MUG', 'TEE-M'), quantity: fc.integer({ min: 1, max: 100 }) });
const lines = fc.array(line, { minLength: 1 });

describe('the items of an order', () => {
  it('add up lines of the same product', () => {
    const items = itemsOf([
      { sku: 'TEE-M', quantity: 1 },
      { sku: 'MUG', quantity: 2 },
      { sku: 'TEE-M', quantity: 3 },
    ]);
    expect(items).toEqual([
      { sku: 'MUG', quantity: 2 },
      { sku: 'TEE-M', quantity: 4 },
    ]);
  });

  it('are the same in whatever order the lines are, each product once, nothing lost', () => {
    const total = (all: readonly { quantity: number }[]) => all.reduce((sum, { quantity }) => sum + quantity, 0);
    fc.assert(
      fc.property(lines, (some) => {
        const items = itemsOf(some);
        expect(itemsOf(some.toReversed())).toEqual(items);
        expect(new Set(items.map(({ sku }) => sku)).size).toBe(items.length);
        expect(total(items)).toBe(total(some));
      }),
    );
  });
});

describe('the shortages of an order', () => {
  it('are the products of which there is less than wanted; an unknown one has none', () => {
    const items = itemsOf([
      { sku: 'LAMP', quantity: 4 },
      { sku: 'MUG', quantity: 2 },
      { sku: 'UNKNOWN', quantity: 1 },
    ]);
    const available = new Map([
      ['LAMP', 3],
      ['MUG', 2],
    ]);
    expect(shortagesOf(items, available)).toEqual([
      { sku: 'LAMP', wanted: 4, available: 3 },
      { sku: 'UNKNOWN', wanted: 1, available: 0 },
    ]);
  });

  it('are none exactly when everything is there', () => {
    fc.assert(
      fc.property(lines, fc.dictionary(fc.constantFrom('LAMP', 'MUG', 'TEE-M'), fc.nat(200)), (some, stock) => {
        const items = itemsOf(some);
        const enough = items.every(({ sku, quantity }) => (stock[sku] ?? 0) >= quantity);
        expect(shortagesOf(items, new Map(Object.entries(stock))).length === 0).toBe(enough);
      }),
    );
  });
});
