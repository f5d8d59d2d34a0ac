import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CloudEvent } from '../cloud-event.ts';
import { anyEvent } from './events.fixture.ts';
import { decodeHttp, encodeBatch, encodeBinary, encodeStructured } from './http.ts';
import { payloadSha } from './payload-sha.ts';
import { fromRecord, toRecord } from './record.ts';

/** What HTTP does to header values: bytes, without white space at either end. */
const overTheWire = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      expect(value).toMatch(/^[\x20-\x7e]*$/);
      return [name, value.trim()];
    }),
  );

/** -0 is 0 in JSON. */
const normal = (event: CloudEvent) => JSON.parse(JSON.stringify(event)) as unknown;

describe.each([false, true])('any event in binary mode (percentEncode: %s)', (percentEncode) => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { headers, body } = encodeBinary(event, undefined, { percentEncode });
        const { mode, events } = decodeHttp(overTheWire(headers), body ?? Buffer.alloc(0));
        expect(mode).toBe('binary');
        expect(normal(events[0]!.event)).toEqual(normal(event));
        expect(events[0]!.payload).toEqual(body);
      }),
      { numRuns: 500 },
    );
  });
});

describe('any event', () => {
  it('comes back as it was from structured mode', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { headers, body } = encodeStructured(event);
        const { mode, events } = decodeHttp(headers, body);
        expect(mode).toBe('structured');
        expect(normal(events[0]!.event)).toEqual(normal(event));
      }),
      { numRuns: 500 },
    );
  });

  it('comes back as it was from a batch, in its place', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 5 }), (batch) => {
        const { headers, body } = encodeBatch(batch);
        const { mode, events } = decodeHttp(headers, body);
        expect(mode).toBe('batch');
        expect(events.map(({ event }) => normal(event))).toEqual(batch.map(normal));
      }),
    );
  });

  it('comes back as it was from a record', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const record = toRecord(event);
        expect(record.key).toBe(event.partitionkey ?? null);
        expect(normal(fromRecord(record).event)).toEqual(normal(event));
      }),
      { numRuns: 500 },
    );
  });

  it('has the same payload and the same hash in every mode', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { headers, body } = encodeBinary(event);
        const binary = decodeHttp(overTheWire(headers), body ?? Buffer.alloc(0)).events[0]!;
        const message = encodeStructured(event);
        const structured = decodeHttp(message.headers, message.body).events[0]!;
        const record = fromRecord(toRecord(structured.event, structured.payload));
        expect(structured.payload).toEqual(binary.payload);
        expect(record.payload).toEqual(binary.payload);
        expect(payloadSha(structured)).toBe(payloadSha(binary));
        expect(payloadSha(record)).toBe(payloadSha(binary));
      }),
      { numRuns: 500 },
    );
  });
});
