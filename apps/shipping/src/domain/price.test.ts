import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceOf, type Rate } from './price.ts';
import { weightOf } from './weight.ts';

const RATES: readonly Rate[] = [
  { maxGrams: 2_000, minorUnits: 549 },
  { maxGrams: 5_000, minorUnits: 699 },
  { maxGrams: 31_500, minorUnits: 1_999 },
];

/** Heavier costs more, as on every price list. */
const rates = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 10_000 })), {
    minLength: 1,
    maxLength: 6,
    selector: ([maxGrams]) => maxGrams,
  })
  .map((pairs) => {
    const prices = pairs.map(([, minorUnits]) => minorUnits).sort((a, b) => a - b);
    return pairs
      .map(([maxGrams]) => maxGrams)
      .sort((a, b) => a - b)
      .map((maxGrams, at): Rate => ({ maxGrams, minorUnits: prices[at] ?? 0 }));
  });
const grams = fc.integer({ min: 1, max: 10_000_000 });

describe('the price of a weight', () => {
  it.each([
    [1, 1, 549],
    [2_000, 1, 549],
    [2_001, 1, 699],
    [31_500, 1, 1_999],
    [31_501, 2, 1_999 + 549],
    [70_000, 3, 1_999 * 2 + 1_999],
  ])('of %i g is that of %i parcel(s): %i', (weight, parcels, minorUnits) => {
    expect(priceOf(weight, RATES)).toEqual({ parcels, minorUnits });
  });

  it('is unknown without rates', () => {
    expect(priceOf(1, [])).toBeUndefined();
  });

  it('never falls when the weight grows, and is a whole number', () => {
    fc.assert(
      fc.property(rates, grams, grams, (list, one, other) => {
        const [light, heavy] = [priceOf(Math.min(one, other), list), priceOf(Math.max(one, other), list)];
        expect(heavy!.minorUnits).toBeGreaterThanOrEqual(light!.minorUnits);
        expect(heavy!.parcels).toBeGreaterThanOrEqual(light!.parcels);
        expect(Number.isSafeInteger(heavy!.minorUnits)).toBe(true);
      }),
    );
  });

  it('has room for the weight in its parcels, and no parcel too many', () => {
    fc.assert(
      fc.property(rates, grams, (list, weight) => {
        const { parcels } = priceOf(weight, list)!;
        const most = Math.max(...list.map(({ maxGrams }) => maxGrams));
        expect(parcels * most).toBeGreaterThanOrEqual(weight);
        expect((parcels - 1) * most).toBeLessThan(weight);
      }),
    );
  });

  it('does not depend on the order of the rates', () => {
    fc.assert(
      fc.property(rates, grams, (list, weight) => {
        expect(priceOf(weight, list.toReversed())).toEqual(priceOf(weight, list));
      }),
    );
  });
});

describe('the weight of an order', () => {
  it('adds up, however its lines are split', () => {
    const known = new Map([['MUG', 350]]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 9_999 }), (one, other) => {
        const split = [
          { sku: 'MUG', quantity: one },
          { sku: 'MUG', quantity: other },
        ];
        expect(weightOf(split, known)).toBe(weightOf([{ sku: 'MUG', quantity: one + other }], known));
      }),
    );
  });

  it('takes the usual weight for a product that is not known', () => {
    expect(weightOf([{ sku: 'NEW', quantity: 2 }], new Map())).toBe(1_000);
  });
});
