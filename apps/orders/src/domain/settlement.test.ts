import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '@ebb/core';
import { OrderPlaced } from '@ebb/schemas';
import type { Order, OrderStatus } from './order.ts';
import { explainShortages, settles } from './settlement.ts';

const order = (status: OrderStatus): Order => ({
  ...OrderPlaced.example,
  status,
  placedAt: '2026-11-21T07:00:00.000Z',
});

describe('the outcome of an order', () => {
  it.each(['confirmed', 'rejected'] as const)('is news once: %s', (outcome) => {
    expect(settles(order('placed'), 'id', outcome)).toBe(true);
    expect(settles(order(outcome), 'id', outcome)).toBe(false);
  });

  it('waits for an order that is not known yet', () => {
    expect(() => settles(undefined, 'id', 'confirmed')).toThrow(RetryableError);
  });

  it.each([
    ['confirmed', 'rejected'],
    ['rejected', 'confirmed'],
  ] as const)('never turns from %s to %s', (status, outcome) => {
    expect(() => settles(order(status), 'id', outcome)).toThrow(TerminalError);
  });
});

describe('the reason of a rejection', () => {
  it('says what was missing', () => {
    const shortages = [
      { sku: 'MUG-BLUE', wanted: 2, available: 1 },
      { sku: 'TEE-M', wanted: 3, available: 0 },
    ];
    expect(explainShortages(shortages)).toBe('MUG-BLUE (2 wanted, 1 available), TEE-M (3 wanted, 0 available)');
  });
});
