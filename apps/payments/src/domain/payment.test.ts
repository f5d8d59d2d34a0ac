import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextStatus, PAYMENT_EVENTS, TRANSITIONS, type PaymentEvent, type PaymentStatus } from './payment.ts';

/** Every status with every event; `.` changes nothing. */
const GRID = `
                requested  pending    authorized declined captured voiding voided
found-pending   pending    .          .          .        .        .       .
authorized      authorized authorized .          .        .        .       .
declined        declined   declined   .          .        .        .       .
captured        .          .          captured   .        .        .       .
void-requested  voiding    voiding    voiding    .        .        .       .
voided          .          .          .          .        .        voided  .
`;

const [head = [], ...rows] = GRID.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cells = rows.flatMap(([event = '', ...row]) =>
  row.map((cell, at) => [head[at] as PaymentStatus, event as PaymentEvent, cell === '.' ? undefined : cell] as const),
);

describe('the life of a payment', () => {
  it('is written down for every status and every event', () => {
    expect(head).toHaveLength(Object.keys(TRANSITIONS).length);
    expect(rows.map(([event]) => event)).toEqual(PAYMENT_EVENTS);
  });

  it.each(cells)('%s, when %s', (status, event, next) => {
    expect(nextStatus(status, event)).toBe(next);
  });

  it('never captures what was given up, nor gives up what was captured', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PAYMENT_EVENTS)), (events) => {
        const seen: PaymentStatus[] = ['requested'];
        for (const event of events) seen.push(nextStatus(seen.at(-1)!, event) ?? seen.at(-1)!);
        expect(seen.includes('captured') && seen.includes('voided')).toBe(false);
      }),
    );
  });
});
