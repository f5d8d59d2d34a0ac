import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createOffsetLedger } from './offset-ledger.ts';

describe('an offset ledger', () => {
  it('commits the finished prefix only, whatever the order of finishing', () => {
    const steps = fc.array(fc.record({ gap: fc.nat(3), rank: fc.nat(1_000) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.bigInt(0n, 1_000n), (records, start) => {
        const ledger = createOffsetLedger(start);
        const open: bigint[] = [];
        let offset = start;
        for (const { gap } of records) {
          offset += BigInt(gap);
          ledger.begin(offset, Number(offset));
          open.push(offset);
          offset += 1n;
        }
        const order = open
          .map((value, index) => ({ value, rank: records[index]!.rank }))
          .sort((a, b) => a.rank - b.rank);
        for (const { value } of order) {
          const unfinished = open.reduce((least, each) => (each < least ? each : least), ledger.next);
          expect(ledger.committable).toBe(unfinished);
          expect(ledger.oldestMs).toBe(Number(unfinished));
          expect(ledger.pending).toBe(open.length);
          ledger.done(value);
          open.splice(open.indexOf(value), 1);
        }
        expect(ledger.committable).toBe(ledger.next);
        expect(ledger.oldestMs).toBeUndefined();
      }),
    );
  });

  it('skips forward only', () => {
    const ledger = createOffsetLedger(5n);
    ledger.skipTo(3n);
    expect(ledger.next).toBe(5n);
    ledger.skipTo(9n);
    expect([ledger.next, ledger.committable]).toEqual([9n, 9n]);
  });
});
