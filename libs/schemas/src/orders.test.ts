import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import fc from 'fast-check';
import { OrderPlaced, totalOf, type OrderLine } from './index.ts';

const placed = OrderPlaced.example;
const [mug, tee] = placed.lines as [OrderLine, OrderLine];

function violationsOf(data: unknown): readonly string[] {
  try {
    OrderPlaced.parse(data);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    return error.violations.map(({ path }) => path);
  }
}

describe('an order that was placed', () => {
  it.each([
    ['no lines', { ...placed, lines: [] }, '/lines'],
    [
      'a quantity of nothing',
      { ...placed, lines: [{ ...mug, quantity: 0 }, tee], total: tee.unitPrice },
      '/lines/0/quantity',
    ],
    ['half a product', { ...placed, lines: [mug, { ...tee, quantity: 0.5 }] }, '/lines/1/quantity'],
    ['an id that is no UUID', { ...placed, orderId: '42' }, '/orderId'],
    ['a total that the lines do not add up to', { ...placed, total: { ...placed.total, minorUnits: 1 } }, '/total'],
    [
      'two currencies',
      { ...placed, lines: [mug, { ...tee, unitPrice: { minorUnits: 1, currency: 'USD' } }] },
      '/lines/1/unitPrice/currency',
    ],
    [
      'more money than can be counted',
      { ...placed, lines: [{ ...mug, unitPrice: { minorUnits: Number.MAX_SAFE_INTEGER, currency: 'EUR' } }] },
      '/lines',
    ],
  ])('is refused with %s, and says where', (_what, data, path) => {
    expect(violationsOf(data)).toEqual([path]);
  });

  it('has a total that is exact, in whatever order the lines are', () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 10_000 }),
      minorUnits: fc.nat({ max: 1_000_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 80 }), (parts) => {
        const lines = parts.map(({ quantity, minorUnits }) => ({
          ...mug,
          quantity,
          unitPrice: { minorUnits, currency: 'JPY' },
        }));
        const exact = parts.reduce((sum, { quantity, minorUnits }) => sum + BigInt(quantity) * BigInt(minorUnits), 0n);
        expect(BigInt(totalOf(lines).minorUnits)).toBe(exact);
        expect(totalOf(lines.toReversed())).toEqual(totalOf(lines));
      }),
    );
  });
});
