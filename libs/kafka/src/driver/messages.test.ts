import { describe, expect, it } from '@jest/globals';
import { fromRecord, toRecord, type CloudEvent } from '@ebb/events';
import { CloudEvent as TheirEvent, Kafka as Theirs } from 'cloudevents';
import type { KafkaMessage } from 'kafkajs';
import { messageOf, storedRecord } from './messages.ts';

const EVENT: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/svc/orders',
  type: 'dev.ebb.orders.order.placed.v1',
  subject: 'größer',
  time: '2026-01-31T12:00:00.123Z',
  partitionkey: 'o-1',
  datacontenttype: 'application/json',
  data: { n: 1, name: 'ü' },
};
const message = (over: Partial<KafkaMessage>): KafkaMessage => ({
  key: null,
  value: null,
  timestamp: '1767225600000',
  attributes: 0,
  offset: '9007199254740993',
  ...over,
});

describe('a record of Kafka', () => {
  it('is read as it was written, by whomever', () => {
    const read = storedRecord(
      't',
      3,
      message({
        key: Buffer.from('ö'),
        headers: { ce_id: [Buffer.from('first'), Buffer.from('last')], odd: 'text', none: undefined },
        value: Buffer.from([0, 255]),
      }),
    );
    expect(read).toEqual({
      topic: 't',
      partition: 3,
      offset: 9_007_199_254_740_993n,
      timestampMs: 1_767_225_600_000,
      key: 'ö',
      headers: { ce_id: 'last', odd: 'text' },
      value: Buffer.from([0, 255]),
    });
  });

  it('may be a tombstone', () => {
    const read = storedRecord('t', 0, message({ key: Buffer.from('k') }));
    expect(read).toMatchObject({ key: 'k', headers: {}, value: null });
    expect(() => fromRecord(read)).toThrow();
  });
});

describe('the other binding of CloudEvents to Kafka', () => {
  it('reads our records, where it is right', () => {
    const record = toRecord(EVENT);
    expect(messageOf(record, 2)).toEqual({ ...record, partition: 2 });
    const theirs = Theirs.toEvent({ ...record, value: record.value?.toString() } as never) as TheirEvent;
    const { data, ...attributes } = EVENT;
    for (const [name, text] of Object.entries(attributes)) expect(theirs[name]).toBe(text);
    expect(theirs.data).toEqual(data);
  });

  it.each(['binary', 'structured'] as const)(
    'writes %s records that we read, once they are what a client can send',
    (mode) => {
      const { key, headers, value } = Theirs[mode](new TheirEvent({ ...EVENT }));
      // A client sends bytes, and no header without a value (theirs leaves that to its caller).
      const sent = Object.entries(headers).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, Buffer.from(String(text))]],
      );
      const bytes = typeof value === 'string' ? value : JSON.stringify(value);
      const record = storedRecord(
        't',
        0,
        message({
          key: Buffer.from(String(key)),
          headers: Object.fromEntries(sent) as Record<string, Buffer>,
          value: Buffer.from(bytes),
        }),
      );
      expect(record.key).toBe('o-1');
      expect(fromRecord(record).event).toEqual(EVENT);
    },
  );
});
