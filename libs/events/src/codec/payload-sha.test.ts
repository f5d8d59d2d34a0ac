import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINIMAL } from './events.fixture.ts';
import { decodeHttp } from './http.ts';
import { payloadSha } from './payload-sha.ts';

const shaOf = (contentType: string | undefined, body: string) =>
  payloadSha(
    decodeHttp({ ...MINIMAL, ...(contentType && { 'content-type': contentType }) }, Buffer.from(body)).events[0]!,
  );
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the hash of a payload', () => {
  it('does not see the order of members or white space in JSON', () => {
    const one = shaOf('application/json', '{"b":[1,{"d":null,"c":"x"}],"a":1.0}');
    expect(shaOf('application/json', ' { "a": 1, "b": [1, {"c":"x","d":null}] } ')).toBe(one);
    expect(one).toBe(sha256('{"a":1,"b":[1,{"c":"x","d":null}]}'));
  });

  it('is of the JSON with the members of each object in their order, whatever it holds', () => {
    const sorted = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(sorted);
      const members = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
      return new Map(members.sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    const text = (value: unknown): string => {
      if (Array.isArray(value)) return `[${value.map(text).join(',')}]`;
      if (!(value instanceof Map)) return JSON.stringify(value);
      return `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${text(member)}`).join(',')}}`;
    };
    const keys = fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.nat({ max: 30 }).map(String));
    const objects = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 40 });
    fc.assert(
      fc.property(objects, (data) => {
        expect(shaOf('application/json', JSON.stringify(data))).toBe(
          sha256(text(sorted(JSON.parse(JSON.stringify(data))))),
        );
      }),
    );
  });

  it('sees values, and the order of elements', () => {
    expect(shaOf('application/json', '[1,2]')).not.toBe(shaOf('application/json', '[2,1]'));
    expect(shaOf('application/json', '{"__proto__":1}')).not.toBe(shaOf('application/json', '{}'));
  });

  it('is of the bytes for everything else', () => {
    expect(shaOf('text/plain', '{"b":1, "a":2}')).toBe(sha256('{"b":1, "a":2}'));
    expect(shaOf(undefined, '{"b":1, "a":2}')).toBe(sha256('{"b":1, "a":2}'));
  });

  it('of an event without data is of nothing', () => {
    expect(shaOf('application/json', '')).toBe(sha256(''));
  });

  it('needs no payload when the event has its data', () => {
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/',
      type: 't',
      datacontenttype: 'text/plain',
      data: 'x',
    } as const;
    expect(payloadSha({ event, payload: undefined })).toBe(sha256('x'));
  });
});
