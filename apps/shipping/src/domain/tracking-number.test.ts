import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTrackingNumber, trackingNumberOf } from './tracking-number.ts';

const label = fc.bigInt({ min: 1n, max: 10n ** 14n });

describe('a tracking number', () => {
  it('has a check digit', () => {
    expect(trackingNumberOf(1n)).toBe('EBB0000000000018');
    expect(isTrackingNumber('EBB0000000000018')).toBe(true);
  });

  it('is its label’s own', () => {
    fc.assert(
      fc.property(label, label, (one, other) => {
        expect(trackingNumberOf(one) === trackingNumberOf(other)).toBe(one === other);
      }),
    );
  });

  it('tells when one digit was misread', () => {
    fc.assert(
      fc.property(label, fc.nat({ max: 12 }), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        const right = trackingNumberOf(number);
        const place = 3 + at;
        const digit = (Number(right[place]) + by) % 10;
        expect(isTrackingNumber(right)).toBe(true);
        expect(isTrackingNumber(right.slice(0, place) + String(digit) + right.slice(place + 1))).toBe(false);
      }),
    );
  });
});
