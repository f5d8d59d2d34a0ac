import { describe, expect, it } from '@jest/globals';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { OtlpError } from '../errors.ts';
import { sdkSpans, spanIdOf, spanWith, traceIdOf } from '../spans.fixture.ts';
import { decodeOtlp, decodeRequest } from './decode.ts';
import { tracesData } from './encode.ts';
import { EXPORT_REQUEST } from './messages.ts';
import { readMessage } from './wire.ts';

const bytes = (array: Uint8Array | undefined): Buffer => Buffer.from(array ?? []);
const json = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
const oneSpan = (fields: object) => json({ resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }] });
const VALID = { traceId: traceIdOf(1), spanId: spanIdOf(1), startTimeUnixNano: '1', endTimeUnixNano: '2' };

describe('a request of the real SDK', () => {
  const given = sdkSpans();
  const [child, parent] = given;
  const fromProtobuf = decodeOtlp('application/x-protobuf', bytes(ProtobufTraceSerializer.serializeRequest(given)));
  const fromJson = decodeOtlp('application/json; charset=utf-8', bytes(JsonTraceSerializer.serializeRequest(given)));

  it('says the same in protobuf and in JSON', () => {
    expect(fromProtobuf).toEqual(fromJson);
  });

  it('is read whole', () => {
    expect(fromProtobuf).toHaveLength(2);
    const [first] = fromProtobuf;
    expect(first).toMatchObject({
      traceId: child?.spanContext().traceId,
      spanId: child?.spanContext().spanId,
      parentSpanId: parent?.spanContext().spanId,
      service: 'inventory',
      name: 'process reserve-stock',
      kind: 'consumer',
      status: { code: 'error', message: 'no stock' },
      scope: { name: 'ebb', version: '0.1.0' },
      resource: { 'service.version': '1.2.3' },
      events: [{ name: 'retried', attributes: { attempt: 2 } }],
      links: [{ traceId: traceIdOf(9), spanId: spanIdOf(9), attributes: { why: 'hop' } }],
    });
    expect(first?.attributes).toEqual(child?.attributes);
    const [seconds = 0, nanos = 0] = child?.startTime ?? [];
    expect(first?.startNs).toBe(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
  });

  it('has no parent where it names none', () => {
    expect(fromProtobuf[1]).not.toHaveProperty('parentSpanId');
  });
});

describe('spans', () => {
  const attribute = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isSafeInteger(n)),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value as fc.Arbitrary<string>;

  it('survive being written as OTLP and read again', () => {
    const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    const attributes = fc.dictionary(fc.string(), attribute, { noNullPrototype: true });
    fc.assert(
      fc.property(time, time, attributes, fc.string(), (startNs, endNs, given, name) => {
        const span = spanWith({
          startNs,
          endNs,
          name,
          attributes: given,
          parentSpanId: spanIdOf(2),
          status: { code: 'error', message: 'no' },
          events: [{ name: 'e', timeNs: startNs, attributes: given }],
          links: [{ traceId: traceIdOf(3), spanId: spanIdOf(3), attributes: given }],
          scope: { name: 's' },
          traceState: 'a=1',
        });
        expect(decodeRequest('json', json(tracesData([span])))).toEqual({ spans: [span], rejected: 0 });
      }),
    );
  });

  it.each([
    ['a short trace id', { traceId: 'abc' }, 'traceId'],
    ['a trace id of zeros', { traceId: '0'.repeat(32) }, 'traceId'],
    ['no span id', { spanId: undefined }, 'spanId'],
    ['a parent that is no span id', { parentSpanId: 'xyz' }, 'parentSpanId'],
    ['a time past the year 2262', { endTimeUnixNano: '18446744073709551615' }, 'endTimeUnixNano'],
  ])('with %s are rejected, and the others of the request are kept', (_name, fields, place) => {
    const spans = [{ ...VALID, ...fields }, VALID];
    const decoded = decodeRequest('json', json({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    expect(decoded).toMatchObject({ rejected: 1, spans: [{ spanId: VALID.spanId }] });
    expect(decoded.reason).toContain(`/resourceSpans/0/scopeSpans/0/spans/0/${place}`);
  });

  it('take a parent of zeros for none, ids in capitals for what they are, and an unnamed process as unknown', () => {
    const given = { ...VALID, traceId: VALID.traceId.toUpperCase(), parentSpanId: '0'.repeat(16) };
    const [span] = decodeOtlp('application/json', oneSpan(given));
    expect(span).toMatchObject({ traceId: VALID.traceId, service: 'unknown_service', kind: 'internal' });
    expect(span).not.toHaveProperty('parentSpanId');
  });

  it('keep integers that a JSON number cannot hold, and names that objects treat in their own way', () => {
    const attributes = [
      { key: 'big', value: { intValue: '9223372036854775807' } },
      { key: '__proto__', value: { stringValue: 'x' } },
    ];
    const [span] = decodeOtlp('application/json', oneSpan({ ...VALID, attributes }));
    expect(Object.entries(span?.attributes ?? {})).toEqual([
      ['big', '9223372036854775807'],
      ['__proto__', 'x'],
    ]);
  });
});

describe('a request that is not OTLP', () => {
  const nested = (depth: number): object => (depth === 0 ? {} : { arrayValue: { values: [nested(depth - 1)] } });

  it.each([
    ['text that is no JSON', Buffer.from('{'), 'not valid JSON'],
    ['a list', json([]), 'the request must be an object'],
    ['spans that are no list', json({ resourceSpans: {} }), '/resourceSpans must be an array'],
    ['a name that is a number', oneSpan({ ...VALID, name: 1 }), '/spans/0/name must be a string'],
    ['a time that is no number', oneSpan({ ...VALID, startTimeUnixNano: 'now' }), 'must be an integer'],
    [
      'attributes that nest too deep',
      oneSpan({ ...VALID, attributes: [{ key: 'a', value: nested(40) }] }),
      'nested deeper',
    ],
    ['JSON that nests without end', Buffer.from('['.repeat(100_000)), 'nested deeper'],
  ])('is refused: %s', (_name, body, message) => {
    expect(() => decodeOtlp('application/json', body)).toThrow(message);
  });

  it('is refused with 415 when the content type is another', () => {
    expect(() => decodeOtlp('text/plain', Buffer.alloc(0))).toThrow(expect.objectContaining({ status: 415 }));
  });

  it('never ends in anything but an OtlpError, whatever the bytes are', () => {
    const whole = bytes(ProtobufTraceSerializer.serializeRequest(sdkSpans()));
    const damaged = fc
      .tuple(fc.nat(whole.length), fc.nat(255), fc.nat(whole.length))
      .map(([at, byte, end]) =>
        Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1, end)]),
      );
    const random = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(random, damaged), (body) => {
        try {
          decodeRequest('protobuf', body);
        } catch (error) {
          expect(error).toBeInstanceOf(OtlpError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('never ends in anything but an OtlpError, whatever the JSON says', () => {
    const anything = fc.jsonValue({ maxDepth: 2 });
    const fields = fc.record(
      Object.fromEntries(
        ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'attributes', 'events', 'links', 'status'].map(
          (name) => [name, anything],
        ),
      ),
      { requiredKeys: [] },
    );
    const request = fc.oneof(
      anything,
      fields.map((span) => ({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...VALID, ...span }] }] }] })),
      anything.map((resource) => ({ resourceSpans: [{ resource, scopeSpans: resource }] })),
    );
    fc.assert(
      fc.property(request, (document) => {
        try {
          decodeRequest('json', json(document));
        } catch (error) {
          expect(error).toBeInstanceOf(OtlpError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused when protobuf nests without end', () => {
    // Field 5 of a value (a list) in field 1 of that list, again and again.
    let value = Buffer.from([]);
    const wrap = (tag: number, inner: Buffer) => Buffer.concat([Buffer.from([tag]), length(inner.length), inner]);
    for (let depth = 0; depth < 5_000; depth += 1) value = wrap(0x2a, wrap(0x0a, value));
    const body = [0x12, 0x0a, 0x0a, 0x0a].reduce((inner, tag) => wrap(tag, inner), value);
    expect(() => readMessage(body, EXPORT_REQUEST)).toThrow('nested deeper');
  });
});

function length(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  return Buffer.from([...out, rest]);
}
