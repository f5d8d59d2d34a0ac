import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CloudEventError } from '../errors.ts';
import { MINIMAL } from './events.fixture.ts';
import { decodeHttp } from './http.ts';
import { fromRecord } from './record.ts';

const nothingElseEscapes = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CloudEventError);
  }
};

const contentType = fc.oneof(
  fc.constantFrom(
    'application/json',
    'text/plain',
    'application/cloudevents+json',
    'application/cloudevents-batch+json; charset=utf-8',
    'application/cloudevents',
    'APPLICATION/CLOUDEVENTS+JSON',
  ),
  fc.string({ unit: 'binary' }),
);
const attributeName = fc.oneof(
  fc.constantFrom(
    'specversion',
    'id',
    'source',
    'type',
    'time',
    'data',
    'data_base64',
    'datacontenttype',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary' }),
);
const headersWith = (prefix: string) =>
  fc
    .tuple(
      fc.dictionary(attributeName, fc.string({ unit: 'binary' })),
      fc.option(contentType, { nil: undefined }),
      fc.boolean(),
    )
    .map(([attributes, type, valid]) => ({
      ...(valid &&
        Object.fromEntries(Object.entries(MINIMAL).map(([name, value]) => [name.replace('ce-', prefix), value]))),
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value])),
      ...(type !== undefined && { 'content-type': type }),
    }));
const jsonBody = fc
  .dictionary(attributeName, fc.jsonValue())
  .map((fields) => ({ specversion: '1.0', id: '1', source: '/', type: 't', ...fields }));
const body = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
  jsonBody.map((fields) => Buffer.from(JSON.stringify(fields))),
  fc.array(jsonBody, { maxLength: 3 }).map((events) => Buffer.from(JSON.stringify(events))),
);

describe('whatever comes in', () => {
  it('is an event or a CloudEventError over HTTP', () => {
    fc.assert(
      fc.property(headersWith('ce-'), body, (headers, bytes) => nothingElseEscapes(() => decodeHttp(headers, bytes))),
      { numRuns: 1_500 },
    );
  });

  it('is an event or a CloudEventError from a log', () => {
    fc.assert(
      fc.property(headersWith('ce_'), fc.option(body), (headers, value) =>
        nothingElseEscapes(() => fromRecord({ key: null, headers, value })),
      ),
      { numRuns: 1_500 },
    );
  });

  it('changes no prototype', () => {
    const hostile =
      '{"specversion":"1.0","id":"1","source":"/","type":"t","data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
    const { event } = decodeHttp({ 'content-type': 'application/cloudevents+json' }, Buffer.from(hostile)).events[0]!;
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is looked at in linear time', () => {
    const hostile = ['a:'.repeat(4_000), '%41'.repeat(2_600), `//${'a@'.repeat(3_900)}`, `//${'a'.repeat(8_000)}[`];
    const started = performance.now();
    for (const source of hostile)
      nothingElseEscapes(() => decodeHttp({ ...MINIMAL, 'ce-source': source }, Buffer.alloc(0)));
    const deep = Buffer.from('['.repeat(1_000_000));
    nothingElseEscapes(() => decodeHttp({ ...MINIMAL, 'content-type': 'application/json' }, deep));
    const members = Buffer.from(`{${'"":{},'.repeat(150_000)}"a":0}`);
    nothingElseEscapes(() => decodeHttp({ 'content-type': 'application/cloudevents+json' }, members));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
