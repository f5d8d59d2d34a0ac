import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '../cloud-event.ts';
import { FULL, refusalOf } from './events.fixture.ts';
import { encodeStructured } from './http.ts';
import { fromRecord, toRecord } from './record.ts';

const WITHOUT_DATA: CloudEvent = { ...FULL };
delete WITHOUT_DATA.data;

describe('a record', () => {
  it('has attributes as ce_ headers, the data as value and the partition key as key', () => {
    const record = toRecord({ ...FULL, subject: 'größer als 100%' }, Buffer.from('{"n":1.0}'));
    expect(record.key).toBe('o-1');
    expect(record.value?.toString()).toBe('{"n":1.0}');
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_source: '/svc/orders',
      ce_type: 'dev.ebb.orders.order.placed.v1',
      ce_subject: 'größer als 100%',
      ce_time: '2026-01-31T12:00:00.123Z',
      ce_dataschema: 'https://example.org/order.json',
      ce_partitionkey: 'o-1',
      ce_traceparent: FULL.traceparent,
      'content-type': 'application/json',
    });
  });

  it('has a null value without data, and no key without a partition key', () => {
    const { id, source, type } = WITHOUT_DATA;
    const event: CloudEvent = { specversion: '1.0', id, source, type };
    const record = toRecord(event);
    expect(record).toMatchObject({ key: null, value: null });
    expect(fromRecord(record)).toEqual({ event, payload: undefined });
  });

  it('takes header values as they stand, and leaves other headers alone', () => {
    const { headers } = toRecord(WITHOUT_DATA);
    const { event } = fromRecord({
      key: null,
      value: null,
      headers: { ...headers, ce_subject: '%41', traceparent: 'hop' },
    });
    expect(event).toEqual({ ...WITHOUT_DATA, subject: '%41' });
  });

  it('may say its media type twice, as the SDK for JavaScript does', () => {
    const { headers, ...rest } = toRecord(FULL);
    const twice = { ...headers, ce_datacontenttype: 'application/json' };
    expect(fromRecord({ ...rest, headers: twice }).event).toEqual(FULL);
  });

  it('may be in structured mode', () => {
    const { headers, body } = encodeStructured(FULL);
    expect(fromRecord({ key: null, headers, value: body }).event).toEqual(FULL);
  });

  it.each([
    [{}, null, 400, 'specversion'],
    [{ 'content-type': 'application/cloudevents+json' }, null, 400, undefined],
    [{ 'content-type': 'application/cloudevents-batch+json' }, Buffer.from('[]'), 415, undefined],
    [{ ...toRecord(FULL).headers, ce_time: 'x' }, null, 400, 'time'],
    [{ ...toRecord(FULL).headers, ce_datacontenttype: 'text/plain' }, null, 400, 'datacontenttype'],
    [toRecord(FULL).headers, Buffer.from('{'), 400, 'data'],
    [toRecord(FULL).headers, Buffer.alloc(1_048_577), 413, undefined],
  ])('is refused when it holds no event (%#)', (headers, value, status, attribute) => {
    const refusal = refusalOf(() => fromRecord({ key: null, headers: headers, value }));
    expect([refusal.status, refusal.attribute]).toEqual([status, attribute]);
  });
});
