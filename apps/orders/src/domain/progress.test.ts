import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '@ebb/core';
import { OrderPlaced } from '@ebb/schemas';
import { nextOf, type Order } from './order.ts';
import { advance, dueOf, entriesOf, explainShortages, type News } from './progress.ts';
import type { OrderEvent } from './transitions.ts';

const at = '2026-11-21T07:00:00.000Z';
const placed: Order = { ...OrderPlaced.example, status: 'placed', placedAt: at };
const shipping = { minorUnits: 549, currency: 'EUR' };
const due = { minorUnits: 4_949, currency: 'EUR' };

const news = (what: OrderEvent, more: Partial<News> = {}): News => ({ what, at, ...more });
const after = (...all: News[]): Order => all.reduce((order, one) => advance(order, one) ?? order, placed);

const reserved = news('stock-reserved');
const quoted = news('shipping-quoted', { shipping });
const authorized = news('payment-authorized', { amount: due });
const captured = news('payment-captured', { amount: due });

describe('an order', () => {
  it('comes to its payment in whatever order stock and quote come', () => {
    expect(after(reserved, quoted)).toEqual({ ...placed, status: 'awaiting-payment', shipping });
    expect(after(quoted, reserved)).toEqual(after(reserved, quoted));
  });

  it('is confirmed when it is paid for and has a label', () => {
    const label = news('label-created', { trackingNumber: 'EBB1' });
    expect(after(reserved, quoted, authorized, captured, label)).toMatchObject({
      status: 'confirmed',
      shipping,
      trackingNumber: 'EBB1',
    });
  });

  it('is undone in reverse, and ends as what was decided, for the first reason', () => {
    const voiding = after(reserved, quoted, news('window-expired', { reason: 'no payment in time' }), authorized);
    expect(voiding).toMatchObject({ status: 'voiding', ending: 'expired', reason: 'no payment in time' });
    const releasing = advance(voiding, news('payment-voided'));
    expect(releasing).toMatchObject({ status: 'releasing', ending: 'expired' });
    expect(advance(releasing!, news('stock-released'))).toMatchObject({
      status: 'expired',
      reason: 'no payment in time',
    });
  });

  it('waits for what must come before', () => {
    expect(() => after(reserved, quoted, authorized, news('label-created'))).toThrow(RetryableError);
  });

  it.each<[string, News[]]>([
    ['a label before the payment', [news('label-created')]],
    ['another amount', [reserved, quoted, news('payment-authorized', { amount: shipping })]],
    ['another currency', [reserved, quoted, news('payment-authorized', { amount: { ...due, currency: 'USD' } })]],
    ['shipping in another currency', [news('shipping-quoted', { shipping: { minorUnits: 1, currency: 'USD' } })]],
    ['a cancellation that is too late', [reserved, quoted, authorized, news('cancellation-requested')]],
  ])('is never changed by %s', (_what, all) => {
    expect(() => after(...all)).toThrow(TerminalError);
  });

  it('costs its goods and their shipping', () => {
    expect(dueOf(after(reserved, quoted))).toEqual(due);
    expect(() => dueOf(placed)).toThrow(TerminalError);
  });

  it('shows what may follow', () => {
    expect(nextOf(placed)).toContainEqual({ when: 'stock-reserved', then: 'reserved' });
    expect(nextOf({ status: 'releasing', ending: 'cancelled' })).toEqual([
      { when: 'stock-released', then: 'cancelled' },
    ]);
    expect(nextOf({ status: 'confirmed' })).toEqual([]);
  });
});

describe('the history', () => {
  it('has what happened, and how it ended', () => {
    const shortage = news('stock-rejected', { reason: 'none left' });
    expect(entriesOf(after(reserved), reserved, 'now')).toEqual([{ what: 'stock-reserved', at }]);
    expect(entriesOf(after(shortage), shortage, 'now')).toEqual([
      { what: 'stock-rejected', at, reason: 'none left' },
      { what: 'rejected', at: 'now', reason: 'none left' },
    ]);
  });

  it('says what was missing', () => {
    const shortages = [
      { sku: 'MUG-BLUE', wanted: 2, available: 1 },
      { sku: 'TEE-M', wanted: 3, available: 0 },
    ];
    expect(explainShortages(shortages)).toBe('MUG-BLUE (2 wanted, 1 available), TEE-M (3 wanted, 0 available)');
  });
});
