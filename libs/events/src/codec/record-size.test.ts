import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '../cloud-event.ts';
import { assertRecordFits, MAX_RECORD_BYTES, recordBytes } from './record-size.ts';

const record = (overrides: Partial<EventRecord> = {}): EventRecord => ({
  key: 'k',
  headers: { ce_id: 'e-1', ce_type: 'dev.ebb.thing.v1' },
  value: Buffer.from('{}'),
  ...overrides,
});

describe('the size of a record', () => {
  it('counts bytes, not characters, of key, headers and value', () => {
    const plain = recordBytes(record());
    expect(recordBytes(record({ key: 'kö' }))).toBe(plain + 2);
    expect(recordBytes(record({ value: null }))).toBe(plain - 2);
    expect(recordBytes(record({ headers: { ce_id: 'e-1', ce_type: 'dev.ebb.thing.v1', ce_odd: 'ü' } }))).toBe(
      plain + 18,
    );
  });

  it('does not grow by the header that the way adds', () => {
    const { headers } = record();
    const traced = record({ headers: { ...headers, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } });
    expect(recordBytes(traced)).toBe(recordBytes(record()));
  });

  it('leaves room for the frame of a batch in the 1,048,588 bytes that Kafka takes', () => {
    const value = Buffer.alloc(MAX_RECORD_BYTES - recordBytes(record({ value: null })));
    expect(() => assertRecordFits(record({ value }))).not.toThrow();
    expect(MAX_RECORD_BYTES + 61).toBeLessThan(1_048_576);
    const over = record({ value: Buffer.concat([value, Buffer.from('x')]) });
    expect(() => assertRecordFits(over)).toThrow(/event e-1 \(dev\.ebb\.thing\.v1\) takes 1047553 bytes/);
  });
});
