import { describe, expect, it } from '@jest/globals';
import { OrderPlaced } from '@ebb/schemas';
import { NewOrder, orderOf } from './new-order.ts';

const { orderId, lines, shipTo, paymentToken } = OrderPlaced.example;
const content = { lines, shipTo, paymentToken };

describe('a new order', () => {
  it('has the id that the client gave, and the total of its lines', () => {
    expect(orderOf({ orderId, ...content }, undefined)).toEqual(OrderPlaced.example);
  });

  it('goes where it is most likely to go, and is paid with what works, when nothing is said', () => {
    expect(NewOrder.parse({ lines })).toEqual(content);
  });

  it('gets the same id for the same key, and another for another', () => {
    expect(orderOf(content, 'a')).toEqual(orderOf(content, 'a'));
    expect(orderOf(content, 'a').orderId).not.toBe(orderOf(content, 'b').orderId);
  });

  it('gets a new id without either', () => {
    expect(orderOf(content, undefined).orderId).not.toBe(orderOf(content, undefined).orderId);
  });
});
