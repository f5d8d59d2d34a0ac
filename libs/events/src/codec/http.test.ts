import { describe, expect, it } from '@jest/globals';
import { FULL, MINIMAL, refusalOf } from './events.fixture.ts';
import { decodeHttp, encodeBatch, encodeBinary, encodeStructured } from './http.ts';

const NONE = Buffer.alloc(0);
const binary = (headers: Record<string, string | string[]>, body: Buffer | string = NONE) =>
  decodeHttp({ ...MINIMAL, ...headers }, Buffer.from(body)).events[0]!;
const structured = (fields: object | string, contentType = 'application/cloudevents+json') =>
  decodeHttp({ 'content-type': contentType }, Buffer.from(typeof fields === 'string' ? fields : JSON.stringify(fields)))
    .events[0]!;
const REQUIRED = { specversion: '1.0', id: 'e-1', source: '/svc/orders', type: 't' };

describe('binary mode', () => {
  it('takes attributes from ce- headers and the media type from content-type', () => {
    const { event, payload } = binary(
      {
        'content-type': 'application/json',
        'ce-subject': 'o-1',
        'ce-myext': 'x',
        authorization: 'secret',
        traceparent: 'hop',
      },
      '{"a":1}',
    );
    expect(event).toEqual({
      specversion: '1.0',
      id: 'e-1',
      source: '/svc/orders',
      type: 'dev.ebb.orders.order.placed.v1',
      subject: 'o-1',
      myext: 'x',
      datacontenttype: 'application/json',
      data: { a: 1 },
    });
    expect(payload?.toString()).toBe('{"a":1}');
  });

  it('has no data when the body is empty', () => {
    const decoded = binary({ 'content-type': 'application/json' });
    expect(decoded.payload).toBeUndefined();
    expect(decoded.event).not.toHaveProperty('data');
  });

  it.each([
    ['application/vnd.acme+json', '[1]', [1]],
    ['application/json; charset=UTF-8', '"ü"', 'ü'],
    ['Text/Plain', 'hello', 'hello'],
    ['text/plain; charset=iso-8859-1', 'hello', Buffer.from('hello')],
    ['application/xml', '<a/>', Buffer.from('<a/>')],
  ])('reads data of %s', (contentType, body, data) => {
    expect(binary({ 'content-type': contentType }, body).event.data).toEqual(data);
  });

  it('leaves data without a media type as bytes', () => {
    expect(binary({}, '{"a":1}').event.data).toEqual(Buffer.from('{"a":1}'));
  });

  it('takes a long name and an empty value of an extension', () => {
    expect(binary({ 'ce-averylongextensionname123': '' }).event).toMatchObject({ averylongextensionname123: '' });
  });

  it('keeps an extension named constructor to itself', () => {
    expect(Object.hasOwn(binary({ 'ce-constructor': 'x' }).event, 'constructor')).toBe(true);
  });

  it.each([
    [{ 'ce-specversion': '0.3' }, 'specversion', 'specversion must be 1.0, but is "0.3"'],
    [{ 'ce-id': '' }, 'id', 'id must not be empty'],
    [{ 'ce-type': '' }, 'type', 'type must not be empty'],
    [{ 'ce-subject': '' }, 'subject', 'subject must not be empty'],
    [{ 'ce-partitionkey': '' }, 'partitionkey', 'partitionkey must not be empty'],
    [{ 'ce-source': '' }, 'source', 'source must be a URI reference, but is empty'],
    [{ 'ce-source': 'not a uri' }, 'source', 'source must be a URI reference, but is "not a uri"'],
    [{ 'ce-dataschema': '/relative' }, 'dataschema', 'dataschema must be an absolute URI, but is "/relative"'],
    [{ 'ce-time': 'yesterday' }, 'time', 'time must be a date and time of RFC 3339, but is "yesterday"'],
    [{ 'ce-my_ext': 'x' }, 'my_ext', 'the attribute name "my_ext" must consist of lower-case letters and digits'],
    [{ 'ce-my-ext': 'x' }, 'my-ext', 'the attribute name "my-ext" must consist of lower-case letters and digits'],
    [{ 'ce-': 'x' }, '', 'the attribute name "" must consist of lower-case letters and digits'],
    [
      { 'ce-__proto__': 'x' },
      '__proto__',
      'the attribute name "__proto__" must consist of lower-case letters and digits',
    ],
    [{ 'ce-data': 'x' }, 'data', 'the attribute name "data" is the name of the data'],
    [
      { 'ce-datacontenttype': 'text/plain' },
      'datacontenttype',
      'datacontenttype must be given by the content-type header, not by ce-datacontenttype',
    ],
    [{ 'content-type': 'nonsense' }, 'datacontenttype', 'datacontenttype must be a media type, but is "nonsense"'],
    [{ 'ce-subject': 'a%0Ab' }, 'subject', 'subject has a control character or another one that CloudEvents forbid'],
    [{ 'ce-subject': 'a\u0085' }, 'subject', 'subject has a control character or another one that CloudEvents forbid'],
    [{ 'ce-id': ['a', 'b'] }, 'id', 'id is given more than once'],
    [{ 'ce-myext': 'x'.repeat(9_000) }, 'myext', 'myext is longer than 8192 bytes'],
  ])('refuses %j and names the attribute', (headers, attribute, message) => {
    const refusal = refusalOf(() => binary(headers));
    expect(refusal).toMatchObject({ status: 400, attribute, message, code: 'EBB_CLOUDEVENT' });
  });

  it.each(['specversion', 'id', 'source', 'type'])('says that %s is missing', (attribute) => {
    const headers = Object.fromEntries(Object.entries(MINIMAL).filter(([name]) => name !== `ce-${attribute}`));
    expect(refusalOf(() => decodeHttp(headers, NONE))).toMatchObject({
      status: 400,
      attribute,
      message: `${attribute} is missing`,
    });
  });

  it('says what it looked for when the request has nothing of an event', () => {
    const refusal = refusalOf(() => decodeHttp({ 'content-type': 'application/json' }, Buffer.from('{}')));
    expect(refusal).toMatchObject({ status: 400, attribute: 'specversion' });
    expect(refusal.message).toContain('no CloudEvent');
  });

  it.each([
    ['application/json', Buffer.from('{"a":'), 400, 'data'],
    ['application/json', Buffer.from([0x22, 0xff, 0x22]), 400, 'data'],
    ['text/plain', Buffer.from([0xff]), 400, 'data'],
    ['application/json', Buffer.from('['.repeat(65) + ']'.repeat(65)), 400, 'data'],
    ['application/json; charset=utf-16', Buffer.from('{}'), 415, 'datacontenttype'],
  ])('refuses data that is no %s', (contentType, body, status, attribute) => {
    expect(refusalOf(() => binary({ 'content-type': contentType }, body))).toMatchObject({ status, attribute });
  });

  it('accepts data as deep as is allowed', () => {
    const body = '['.repeat(64) + ']'.repeat(64);
    expect(binary({ 'content-type': 'application/json' }, body).payload?.length).toBe(128);
  });
});

describe('structured mode', () => {
  it('keeps the types of extensions', () => {
    const { event } = structured({
      ...REQUIRED,
      flag: true,
      count: -2_147_483_648,
      text: 'x',
      unset: null,
      time: null,
    });
    expect(event).toEqual({ ...REQUIRED, flag: true, count: -2_147_483_648, text: 'x' });
  });

  it('makes text of extensions that are always text', () => {
    expect(structured({ ...REQUIRED, partitionkey: 7 }).event.partitionkey).toBe('7');
  });

  it('keeps the digits of the data', () => {
    const source = '{"n": 12345678901234567890, "f": 1.0}';
    const text = `{ "data" : ${source} , "specversion":"1.0","id":"1","source":"/","type":"t"}`;
    expect(structured(text).payload?.toString()).toBe(source);
  });

  it.each([
    [{ data: { a: 1 } }, { a: 1 }, '{"a":1}'],
    [{ data: null }, null, 'null'],
    [{ data: 'text', datacontenttype: 'text/plain' }, 'text', 'text'],
    [{ data: 'text' }, 'text', '"text"'],
    [{ data: '<a/>', datacontenttype: 'application/xml' }, Buffer.from('<a/>'), '<a/>'],
    [{ data_base64: 'aGk=' }, Buffer.from('hi'), 'hi'],
    [{ data_base64: 'aGk=', datacontenttype: 'text/plain' }, 'hi', 'hi'],
    [{ data_base64: 'eyJhIjoxfQ==', datacontenttype: 'application/json' }, { a: 1 }, '{"a":1}'],
    [{ data_base64: null }, undefined, undefined],
    [{ data_base64: '' }, Buffer.alloc(0), ''],
  ])('reads %j', (fields, data, payload) => {
    const decoded = structured({ ...REQUIRED, ...fields });
    expect(decoded.event.data).toEqual(data);
    expect(decoded.payload?.toString()).toBe(payload);
  });

  it.each([
    ['application/cloudevents+json; charset=utf-8'],
    ['Application/CloudEvents+JSON'],
    ['application/cloudevents+json; charset="UTF-8"'],
  ])('is announced by %s', (contentType) => {
    expect(structured(REQUIRED, contentType).event).toEqual(REQUIRED);
  });

  it.each([
    ['application/cloudevents'],
    ['application/cloudevents+xml'],
    ['application/cloudevents+json; charset=utf-16'],
    ['application/cloudevents-batch+avro'],
  ])('is refused with 415 as %s', (contentType) => {
    expect(refusalOf(() => structured(REQUIRED, contentType))).toMatchObject({ status: 415 });
  });

  it.each([
    [{ ...REQUIRED, specversion: 1 }, 'specversion'],
    [{ ...REQUIRED, id: 7 }, 'id'],
    [{ ...REQUIRED, id: null }, 'id'],
    [{ ...REQUIRED, time: '2026-02-30T00:00:00Z' }, 'time'],
    [{ ...REQUIRED, count: 1.5 }, 'count'],
    [{ ...REQUIRED, count: 2_147_483_648 }, 'count'],
    [{ ...REQUIRED, list: [1] }, 'list'],
    [{ ...REQUIRED, map: {} }, 'map'],
    [{ ...REQUIRED, myExt: 'x' }, 'myExt'],
    [{ ...REQUIRED, data: 1, data_base64: 'aGk=' }, 'data'],
    [{ ...REQUIRED, data_base64: 'aGk' }, 'data_base64'],
    [{ ...REQUIRED, data_base64: 'a-_=' }, 'data_base64'],
    [{ ...REQUIRED, data_base64: 7 }, 'data_base64'],
    [{ ...REQUIRED, data: { a: 1 }, datacontenttype: 'text/plain' }, 'data'],
    [{ ...REQUIRED, data_base64: 'aGk=', datacontenttype: 'application/json' }, 'data'],
    [{ ...REQUIRED, datacontenttype: 'nonsense' }, 'datacontenttype'],
  ])('refuses %j and names the attribute', (fields, attribute) => {
    const refusal = refusalOf(() => structured(fields));
    expect(refusal).toMatchObject({ status: 400, attribute });
    expect(refusal.message).toContain(attribute);
  });

  it.each([
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","id":"2"}', 'id'],
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","\\u0069d":"2"}', 'id'],
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","data":1,"data":2}', 'data'],
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","__proto__":{}}', '__proto__'],
  ])('refuses %s', (text, attribute) => {
    expect(refusalOf(() => structured(text))).toMatchObject({ status: 400, attribute });
  });

  it.each(['', 'null', '7', '[]', '"x"', '{', '{"a":1}}'])('refuses the body %j', (text) => {
    expect(refusalOf(() => structured(text)).status).toBe(400);
  });

  it('allows data the same depth as binary mode does', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(structured({ ...REQUIRED, data: nested(64) }).event.id).toBe('e-1');
    expect(refusalOf(() => structured({ ...REQUIRED, data: nested(65) })).message).toContain('deeper');
  });
});

describe('a batch', () => {
  const batch = (events: unknown, limits = {}) =>
    decodeHttp(
      { 'content-type': 'application/cloudevents-batch+json' },
      Buffer.from(typeof events === 'string' ? events : JSON.stringify(events)),
      limits,
    );

  it('may be empty', () => {
    expect(batch([])).toEqual({ mode: 'batch', events: [] });
  });

  it('gives each event its own bytes', () => {
    const { events } = batch([
      { ...REQUIRED, data: [1, 2] },
      { ...REQUIRED, id: 'e-2', data: { b: '],{' } },
    ]);
    expect(events.map(({ payload }) => payload?.toString())).toEqual(['[1,2]', '{"b":"],{"}']);
  });

  it('is refused as a whole, naming event and attribute', () => {
    const refusal = refusalOf(() => batch([REQUIRED, { ...REQUIRED, source: '' }]));
    expect(refusal).toMatchObject({ status: 400, attribute: 'source' });
    expect(refusal.message).toBe('event 1 of the batch: source must be a URI reference, but is empty');
  });

  it('is limited in events', () => {
    expect(refusalOf(() => batch([REQUIRED, REQUIRED, REQUIRED], { maxEvents: 2 })).status).toBe(413);
  });

  it('must be an array', () => {
    expect(refusalOf(() => batch(REQUIRED)).status).toBe(400);
    expect(refusalOf(() => batch('[1]')).message).toContain('event 0 of the batch');
  });
});

describe('limits', () => {
  it('refuses a body that is too large with 413', () => {
    expect(refusalOf(() => decodeHttp(MINIMAL, Buffer.alloc(11), { maxBytes: 10 })).status).toBe(413);
  });

  it('counts attributes in every mode', () => {
    const extensions = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`x${index}`, '']));
    const headers = Object.fromEntries(Object.keys(extensions).map((name) => [`ce-${name}`, '']));
    expect(refusalOf(() => binary(headers)).message).toContain('64 attributes');
    expect(refusalOf(() => structured({ ...REQUIRED, ...extensions })).message).toContain('64 attributes');
  });

  it('counts the bytes of an attribute, not its characters', () => {
    const value = 'ü'.repeat(4_095);
    expect(structured({ ...REQUIRED, x: value }).event).toMatchObject({ x: value });
    expect(refusalOf(() => structured({ ...REQUIRED, x: `${value}ü` })).attribute).toBe('x');
  });
});

describe('encoding', () => {
  it('announces JSON where the event leaves it unsaid', () => {
    const { headers, body } = encodeBinary({ ...REQUIRED, specversion: '1.0', data: { a: 1 } });
    expect(headers['content-type']).toBe('application/json');
    expect(body?.toString()).toBe('{"a":1}');
  });

  it('says nothing about bytes of an unknown kind', () => {
    const event = { ...REQUIRED, specversion: '1.0', data: Buffer.from('x') } as const;
    expect(encodeBinary(event).headers).not.toHaveProperty('content-type');
    expect(JSON.parse(encodeStructured(event).body.toString())).toEqual({ ...REQUIRED, data_base64: 'eA==' });
  });

  it('sends the payload that it is given', () => {
    expect(encodeBinary(FULL, Buffer.from('{"n":1.0}')).body?.toString()).toBe('{"n":1.0}');
  });

  it('has no body without data', () => {
    expect(encodeBinary({ ...REQUIRED, specversion: '1.0' }).body).toBeUndefined();
  });

  it('gives structured messages and batches their content types', () => {
    expect(encodeStructured(FULL).headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=utf-8' });
    expect(encodeBatch([]).headers).toEqual({ 'content-type': 'application/cloudevents-batch+json; charset=utf-8' });
    expect(encodeBatch([]).body.toString()).toBe('[]');
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  it.each([
    [{ data: cyclic, datacontenttype: 'application/json' }, 'data'],
    [{ data: 1n, datacontenttype: 'application/json' }, 'data'],
    [{ data: () => 1 }, 'data'],
    [{ data: {}, datacontenttype: 'text/plain' }, 'data'],
    [{ my_ext: 'x' }, 'my_ext'],
    [{ ext: { a: 1 } }, 'ext'],
    [{ ext: new Date(Number.NaN) }, 'ext'],
  ])('refuses what no format can carry (%#)', (fields, attribute) => {
    const event = { ...REQUIRED, specversion: '1.0', ...fields } as const;
    expect(refusalOf(() => encodeBinary(event)).attribute).toBe(attribute);
    expect(refusalOf(() => encodeStructured(event)).attribute).toBe(attribute);
  });

  it('writes dates and bytes of attributes in their canonical form', () => {
    const event = { ...REQUIRED, specversion: '1.0', at: new Date(0), bin: Uint8Array.of(1) } as const;
    expect(encodeBinary(event).headers).toMatchObject({ 'ce-at': '1970-01-01T00:00:00.000Z', 'ce-bin': 'AQ==' });
  });
});
