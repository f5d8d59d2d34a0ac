import { describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, recordBytes } from '@ebb/events';
import fc from 'fast-check';
import { chunksOf } from './chunks.ts';

const placed = fc.array(
  fc.record({ partition: fc.nat(3), bytes: fc.integer({ min: 0, max: MAX_RECORD_BYTES - 200 }) }),
  { maxLength: 30 },
);

describe('chunks of an append', () => {
  it('keep all records in their order, and fit into a batch per partition', () => {
    fc.assert(
      fc.property(placed, (given) => {
        const records = given.map(({ partition, bytes }, n) => ({
          partition,
          // Only the length is looked at.
          record: { key: null, headers: { n: String(n) }, value: { length: bytes } as Buffer },
        }));
        const chunks = chunksOf(records);
        expect(chunks.flat()).toEqual(records);
        for (const chunk of chunks) {
          expect(chunk.length).toBeGreaterThan(0);
          for (const partition of [0, 1, 2, 3]) {
            const own = chunk.filter((each) => each.partition === partition);
            expect(own.reduce((sum, { record }) => sum + recordBytes(record), 0)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
          }
        }
      }),
    );
  });
});
