import { describe, expect, it } from '@jest/globals';
import { OrderPlaced } from '@ebb/schemas';
import { orderOf } from './new-order.ts';

const { lines, total } = OrderPlaced.example;

describe('a new order', () => {
  it('has the id that the client gave, and the total of its lines', () => {
    const { orderId } = OrderPlaced.example;
    expect(orderOf({ orderId, lines }, undefined)).toEqual({ orderId, lines, total });
  });

  it('gets the same id for the same key, and another for another', () => {
    expect(orderOf({ lines }, 'a')).toEqual(orderOf({ lines }, 'a'));
    expect(orderOf({ lines }, 'a').orderId).not.toBe(orderOf({ lines }, 'b').orderId);
  });

  it('gets a new id without either', () => {
    expect(orderOf({ lines }, undefined).orderId).not.toBe(orderOf({ lines }, undefined).orderId);
  });
});
