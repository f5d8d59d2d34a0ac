import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import { OrderConfirmed } from '@ebb/schemas';
import { exampleOf } from './example-of.ts';

describe('an example of an event', () => {
  it('is the definition’s own, with what the test replaces', () => {
    const orderId = '0198b2f0-6f1c-7c3e-9d5a-000000000001';
    const event = exampleOf(OrderConfirmed, { orderId }, { id: '1' });
    expect(event).toMatchObject({
      type: OrderConfirmed.type,
      id: '1',
      subject: orderId,
      partitionkey: orderId,
      data: { ...OrderConfirmed.example, orderId },
    });
  });

  it('has an id of its own each time', () => {
    expect(exampleOf(OrderConfirmed).id).not.toBe(exampleOf(OrderConfirmed).id);
  });

  it('cannot be made invalid by mistake', () => {
    expect(() => exampleOf(OrderConfirmed, { orderId: '42' })).toThrow(SchemaViolationError);
  });
});
