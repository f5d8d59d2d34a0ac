import { describe, expect, it } from '@jest/globals';
import { EbbError, SchemaViolationError } from '@ebb/core';
import * as z from 'zod/mini';
import { CloudEventError } from '../errors.ts';
import { createEvent } from './create-event.ts';
import { checkExample, defineEvent } from './define-event.ts';

const data = z.object({ orderId: z.string().check(z.minLength(1)), total: z.int() });
const options = {
  topic: 'orders',
  key: (order: { orderId: string }) => order.orderId,
  data,
  example: { orderId: 'o-1', total: 3 },
};
const OrderPlaced = defineEvent('dev.ebb.orders.order.placed.v1', options);

describe('defineEvent', () => {
  it('keeps type, topic and example', () => {
    expect(OrderPlaced).toMatchObject({
      type: 'dev.ebb.orders.order.placed.v1',
      topic: 'orders',
      example: options.example,
    });
    expect(OrderPlaced.key({ orderId: 'o-2', total: 1 })).toBe('o-2');
  });

  it.each([
    'order',
    'order.placed',
    'order.placed.v1',
    'Dev.ebb.orders.placed.v1',
    'dev.ebb.placed.v0',
    'dev.ebb.placed.v01',
    'dev.ebb..placed.v1',
    'dev.ebb.placed.v1 ',
  ])('refuses the type %j', (type) => {
    expect(() => defineEvent(type, options)).toThrow(expect.objectContaining({ code: 'EBB_DEFINITION' }));
  });

  it.each(['', 'Orders', 'orders.eu', '-orders', 'orders-', 'x'.repeat(64)])('refuses the topic %j', (topic) => {
    expect(() => defineEvent('dev.ebb.orders.order.placed.v1', { ...options, topic })).toThrow(EbbError);
  });

  it('gives JSON Schema of what may be sent', async () => {
    await expect(OrderPlaced.jsonSchema()).resolves.toMatchObject({
      type: 'object',
      required: ['orderId', 'total'],
      properties: { orderId: { type: 'string', minLength: 1 }, total: { type: 'integer' } },
    });
  });

  it('takes the JSON Schema of a schema that has one', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'acme',
        validate: (value: unknown) => ({ value: value as string }),
        jsonSchema: { input: () => ({ type: 'string' }), output: () => ({}) },
      },
    };
    const definition = defineEvent('dev.ebb.a.b.v1', { topic: 't', key: String, data: schema, example: '' });
    await expect(definition.jsonSchema()).resolves.toEqual({ type: 'string' });
  });

  it('says so when there is no JSON Schema', async () => {
    const schema = { '~standard': { version: 1 as const, vendor: 'acme', validate: (value: unknown) => ({ value }) } };
    const definition = defineEvent('dev.ebb.a.b.v1', { topic: 't', key: String, data: schema, example: 1 });
    await expect(definition.jsonSchema()).rejects.toMatchObject({ code: 'EBB_DEFINITION' });
    const dated = defineEvent('dev.ebb.a.b.v1', { topic: 't', key: String, data: z.date(), example: new Date(0) });
    await expect(dated.jsonSchema()).rejects.toMatchObject({ code: 'EBB_DEFINITION' });
  });

  it('refuses a schema that is asynchronous', () => {
    const schema = {
      '~standard': { version: 1 as const, vendor: 'acme', validate: (value: unknown) => Promise.resolve({ value }) },
    };
    const definition = defineEvent('dev.ebb.a.b.v1', { topic: 't', key: String, data: schema, example: 1 });
    expect(() => definition.parse(1)).toThrow(expect.objectContaining({ code: 'EBB_DEFINITION' }));
  });
});

describe('checkExample', () => {
  it('accepts an example that fits', () => {
    expect(() => checkExample(OrderPlaced)).not.toThrow();
  });

  it('refuses one that does not fit, or has no key', () => {
    const wrong = defineEvent('dev.ebb.a.b.v1', { ...options, example: { orderId: '', total: 1 } });
    expect(() => checkExample(wrong)).toThrow(SchemaViolationError);
    const keyless = defineEvent('dev.ebb.a.b.v1', { ...options, key: () => '' });
    expect(() => checkExample(keyless)).toThrow(expect.objectContaining({ code: 'EBB_DEFINITION' }));
  });
});

describe('createEvent', () => {
  it('takes subject and partition key from the definition', () => {
    const event = createEvent(
      OrderPlaced,
      { orderId: 'o-1', total: 3 },
      {
        source: '/svc/orders',
        id: 'e-1',
        time: '2026-01-31T12:00:00Z',
        extensions: { correlationid: 'c-1' },
      },
    );
    expect(event).toEqual({
      specversion: '1.0',
      id: 'e-1',
      source: '/svc/orders',
      type: 'dev.ebb.orders.order.placed.v1',
      subject: 'o-1',
      partitionkey: 'o-1',
      time: '2026-01-31T12:00:00Z',
      datacontenttype: 'application/json',
      correlationid: 'c-1',
      data: { orderId: 'o-1', total: 3 },
    });
  });

  it('makes an id and a time', () => {
    const { id, time } = createEvent(OrderPlaced, options.example, { source: '/svc/orders' });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.now() - Date.parse(time ?? ''))).toBeLessThan(10_000);
  });

  it('leaves out what the schema does not have', () => {
    const extended = { ...options.example, password: 'x' };
    expect(createEvent(OrderPlaced, extended, { source: '/svc/orders' }).data).toEqual(options.example);
  });

  it('refuses data that does not fit', () => {
    const broken = { orderId: 'o-1' } as { orderId: string; total: number };
    expect(() => createEvent(OrderPlaced, broken, { source: '/svc/orders' })).toThrow(SchemaViolationError);
  });

  it.each([
    [{ source: 'not a uri' }, 'source'],
    [{ source: '/s', id: '' }, 'id'],
    [{ source: '/s', time: 'now' }, 'time'],
    [{ source: '/s', extensions: { 'trace-id': 'x' } }, 'trace-id'],
    [{ source: '/s', extensions: { id: 'x' } }, 'id'],
    [{ source: '/s', extensions: { partitionkey: 'x' } }, 'partitionkey'],
    [{ source: '/s', extensions: { data: 'x' } }, 'data'],
    [{ source: '/s', extensions: JSON.parse('{"__proto__":"x"}') as Record<string, string> }, '__proto__'],
  ])('refuses %j', (bad, attribute) => {
    expect(() => createEvent(OrderPlaced, options.example, bad)).toThrow(
      expect.objectContaining({ attribute, constructor: CloudEventError }),
    );
  });
});
