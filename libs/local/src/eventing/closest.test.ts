import { describe, expect, it } from '@jest/globals';
import { closest } from './closest.ts';

const KNOWN = ['dev.ebb.orders.order.placed.v1', 'dev.ebb.orders.order.confirmed.v1', 'dev.ebb.stock.reserved.v1'];

describe('the closest names', () => {
  it.each([
    ['dev.ebb.orders.order.placed.v2', KNOWN[0]],
    ['dev.ebb.orders.order.confirmd.v1', KNOWN[1]],
  ])('of %s begin with %s', (name, nearest) => {
    expect(closest(name, KNOWN)[0]).toBe(nearest);
  });

  it('are none for a name that is like no other', () => {
    expect(closest('com.github.push', KNOWN)).toEqual([]);
    expect(closest('x', [])).toEqual([]);
  });
});
