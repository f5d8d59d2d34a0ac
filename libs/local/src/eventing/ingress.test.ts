import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogueEntry } from '@ebb/catalogue';
import { BINARY, broker, startEventing, TRACEPARENT, type TestEventing } from './eventing.fixture.ts';
import { memoryLog } from './memory-log.fixture.ts';

const TYPE = 'dev.ebb.orders.order.placed.v1';
const CATALOGUE = [
  {
    events: [
      {
        type: TYPE,
        topic: 'checked',
        example: { n: 1 },
        schema: {
          type: 'object',
          properties: {
            n: { type: 'integer' },
            at: { type: 'string', format: 'date-time' },
            lines: { type: 'array', items: { type: 'object', required: ['a/b'], additionalProperties: false } },
          },
          required: ['n'],
          additionalProperties: false,
        },
      },
      { type: 'dev.ebb.orders.order.cancelled.v1', topic: 'orders', example: {}, schema: {} },
    ],
  },
] as unknown as readonly CatalogueEntry[];

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly violations?: readonly { path: string; message: string }[];
  readonly [key: string]: unknown;
}

describe('the broker ingress', () => {
  const log = memoryLog();
  let test: TestEventing;
  beforeAll(async () => {
    test = await startEventing(log, { catalogue: () => CATALOGUE });
    await test.eventing.apply(broker('orders'));
    await test.eventing.apply(broker('checked', { 'ebb.dev/schemas': 'enforce' }));
  });
  afterAll(() => test.stop());

  const post = async (
    headers: Readonly<Record<string, string | undefined>>,
    body: string | Buffer = '{"n":1}',
    path = '/broker/default/orders',
  ) => {
    const all: Readonly<Record<string, string | undefined>> = { ...BINARY, ...headers };
    const given = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    );
    return respond(await fetch(`${test.url}${path}`, { method: 'POST', headers: given, body }));
  };
  const respond = async (response: Response) => {
    const text = await response.text();
    const problem = text === '' ? undefined : (JSON.parse(text) as Problem);
    if (problem) expect(response.headers.get('content-type')).toBe('application/problem+json');
    if (problem) expect(problem.status).toBe(response.status);
    return { status: response.status, problem, headers: response.headers };
  };
  const structured = (event: object | string, path?: string) =>
    post(
      { 'content-type': 'application/cloudevents+json' },
      typeof event === 'string' ? event : JSON.stringify(event),
      path,
    );
  const stored = (id: string) => log.records('orders').find(({ headers }) => headers.ce_id === id);

  it('answers 202 without a body when the log has the event', async () => {
    const before = log.records('orders').length;
    const { status, problem } = await post({});
    expect({ status, problem }).toEqual({ status: 202, problem: undefined });
    expect(log.records('orders')).toHaveLength(before + 1);
  });

  it.each([
    ['a path with a trailing slash', '/broker/default/orders/', 202],
    ['a path with a query', '/broker/default/orders?x=1', 202],
    ['an unknown broker', '/broker/default/nope', 404],
    ['an unknown namespace', '/broker/other/orders', 404],
    ['a path that is too short', '/broker/orders', 404],
    ['a path that is too long', '/broker/default/orders/x', 404],
    ['the bare path', '/broker', 404],
  ])('answers a POST to %s', async (_name, path, status) => {
    expect((await post({}, '{}', path)).status).toBe(status);
  });

  it('leaves other paths to others', async () => {
    expect((await fetch(`${test.url}/brokers/x`)).status).toBe(418);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s before it looks at the path', async (method) => {
    const { status, headers, problem } = await respond(await fetch(`${test.url}/broker/nowhere`, { method }));
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(problem?.detail).toContain(method);
  });

  it('looks at the path before it looks at the event', async () => {
    expect((await post({ 'ce-id': undefined }, 'x', '/broker/default/nope')).status).toBe(404);
  });

  it('answers the probe of a data plane for a broker that there is', async () => {
    const headers = { 'k-network-probe': 'probe' };
    expect((await fetch(`${test.url}/broker/default/orders`, { headers })).status).toBe(200);
    expect((await fetch(`${test.url}/broker/default/nope`, { headers })).status).toBe(404);
  });

  it('names the brokers that there are', async () => {
    const { problem } = await post({}, '{}', '/broker/default/order');
    expect(problem?.detail).toContain('/broker/default/orders');
  });

  it.each([
    ['empty id', { 'ce-id': ' ' }],
    ['specversion 0.3', { 'ce-specversion': '0.3' }],
    ['a long extension name', { 'ce-averyverylongextensionname': 'x' }],
    ['no content type', { 'content-type': undefined }],
  ])('takes %s, as Knative does', async (_name, headers) => {
    // fetch gives a string body a content type of its own, bytes get none
    expect((await post(headers, Buffer.from('{"n":1}'))).status).toBe(202);
  });

  it('takes broken JSON and no data, as Knative does, and keeps the bytes', async () => {
    expect((await post({ 'ce-id': 'broken' }, '{"n":')).status).toBe(202);
    expect(stored('broken')?.value?.toString()).toBe('{"n":');
    expect((await post({}, '')).status).toBe(202);
  });

  it.each([
    ['a missing id', { 'ce-id': undefined }, 'id'],
    ['a missing source', { 'ce-source': undefined }, 'source'],
    ['a missing type', { 'ce-type': undefined }, 'type'],
    ['a bad time', { 'ce-time': 'yesterday' }, 'time'],
    ['a bad source', { 'ce-source': 'not a uri' }, 'source'],
    ['specversion 9.9', { 'ce-specversion': '9.9' }, 'specversion'],
    ['a dash in an extension name', { 'ce-my-ext': 'x' }, 'my-ext'],
    ['an underscore in an extension name', { 'ce-my_ext': 'x' }, 'my_ext'],
  ])('refuses %s and names the attribute', async (_name, headers, attribute) => {
    const { status, problem } = await post(headers);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ attribute, detail: expect.stringContaining(attribute) as unknown });
  });

  it('refuses what is no event, and a batch', async () => {
    const bare = await respond(
      await fetch(`${test.url}/broker/default/orders`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      }),
    );
    expect(bare.status).toBe(400);
    const batch = await post({ 'content-type': 'application/cloudevents-batch+json' }, '[]');
    expect(batch.status).toBe(400);
    expect(batch.problem?.detail).toContain('batch');
  });

  it('takes structured mode and stores binary mode', async () => {
    const event = { specversion: '1.0', id: 's-1', source: '/s', type: 't', partitionkey: 'k', data: { a: 1.0 } };
    expect((await structured(event)).status).toBe(202);
    const record = stored('s-1');
    expect(record?.key).toBe('k');
    expect(record?.value?.toString()).toBe('{"a":1}');
    expect(record?.headers).toMatchObject({ ce_type: 't', ce_source: '/s', ce_specversion: '1.0' });
  });

  it.each(['', '[]', 'null', '{', '{"specversion":"1.0"}'])('refuses the envelope %j', async (body) => {
    expect((await structured(body)).status).toBe(400);
  });

  it('takes structured mode of version 0.3 and an empty id', async () => {
    expect((await structured({ specversion: '0.3', id: '', source: '/s', type: 't', data: 'x' })).status).toBe(202);
  });

  it('drops what else the producer sent', async () => {
    await post({ 'ce-id': 'bare', authorization: 'Bearer x', 'x-tenant': 'y', 'ce-custom': 'z' });
    const record = stored('bare');
    expect(Object.keys(record!.headers).sort()).toEqual([
      'ce_custom',
      'ce_id',
      'ce_source',
      'ce_specversion',
      'ce_traceparent',
      'ce_type',
      'content-type',
      'traceparent',
    ]);
    expect(record?.headers.ce_traceparent).toBe(TRACEPARENT);
  });

  it('answers 413 over 1 MiB, announced or not, and names the trap', async () => {
    const { status, problem } = await post({}, 'x'.repeat(1_048_577));
    expect(status).toBe(413);
    expect(problem?.detail).toContain('trap 18');
    const chunks = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 20; n += 1) controller.enqueue(Buffer.alloc(100_000));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: BINARY, body: chunks, duplex: 'half' } as RequestInit;
    const streamed = await fetch(`${test.url}/broker/default/orders`, init).catch(() => undefined);
    expect([413, undefined]).toContain(streamed?.status);
    expect(test.eventing.traps()).toContainEqual(expect.objectContaining({ trap: 18, subject: 'broker orders' }));
  });

  it('answers 413 when only its attributes make an event too large for a record', async () => {
    const body = JSON.stringify('x'.repeat(1_044_000));
    expect((await post({ 'ce-odd': 'x' }, body)).status).toBe(202);
    const { status, problem } = await post({ 'ce-odd': 'x'.repeat(4_000) }, body);
    expect(status).toBe(413);
    expect(problem?.detail).toContain('with its attributes');
  });

  it('survives a client that goes away half-way', async () => {
    const { hostname, port } = new URL(test.url);
    const before = log.records('orders').length;
    const socket = connect(Number(port), hostname);
    const half = 'POST /broker/default/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\nce-id: 1\r\n\r\nabc';
    await new Promise((resolve) => socket.write(half, resolve));
    socket.destroy();
    expect((await post({})).status).toBe(202);
    expect(log.records('orders')).toHaveLength(before + 1);
  });

  it('answers 503 when the log does not take the event', async () => {
    log.failing.add('append');
    try {
      const { status, problem } = await post({});
      expect(status).toBe(503);
      expect(problem?.detail).toContain('event log');
    } finally {
      log.failing.delete('append');
    }
  });

  it('gives an event without a trace one of its own and names the trap', async () => {
    await post({
      'ce-id': 'untraced',
      'ce-source': '/svc/forgetful',
      'ce-traceparent': undefined,
      traceparent: undefined,
    });
    const record = stored('untraced');
    expect(record?.headers.ce_traceparent).toMatch(/^00-/);
    expect(record?.headers.traceparent).toBe(record?.headers.ce_traceparent);
    expect(test.eventing.traps()).toContainEqual(expect.objectContaining({ trap: 17, subject: '/svc/forgetful' }));
  });

  describe('of a broker that enforces schemas', () => {
    const check = (body: string, headers: Readonly<Record<string, string | undefined>> = {}) =>
      post(headers, body, '/broker/default/checked');

    it('takes data that fits', async () => {
      expect((await check('{"n":1,"at":"2026-01-01T00:00:00Z"}')).status).toBe(202);
    });

    it('lists every violation with its path', async () => {
      const { status, problem } = await check('{"at":"noon","extra":1,"lines":[{},{"x/y":1}]}');
      expect(status).toBe(422);
      expect(problem?.violations?.map(({ path }) => path).sort()).toEqual([
        '/at',
        '/extra',
        '/lines/0/a~1b',
        '/lines/1/a~1b',
        '/lines/1/x~1y',
        '/n',
      ]);
    });

    it('refuses missing data, broken JSON and JSON that is too deep', async () => {
      expect((await check('')).status).toBe(422);
      expect((await check('{"n":')).status).toBe(400);
      expect((await check('['.repeat(65) + ']'.repeat(65))).status).toBe(400);
    });

    it('refuses what only leniency would take', async () => {
      expect((await check('{"n":1}', { 'ce-specversion': '0.3' })).status).toBe(400);
    });

    it('names the closest types of an unknown one', async () => {
      const { status, problem } = await check('{"n":1}', { 'ce-type': 'dev.ebb.orders.order.place.v1' });
      expect(status).toBe(422);
      expect(problem?.closestTypes).toEqual([TYPE, 'dev.ebb.orders.order.cancelled.v1']);
      expect(problem?.detail).toContain(`did you mean ${TYPE}`);
    });

    it('says on which topic a type travels', async () => {
      const { status, problem } = await check('{}', { 'ce-type': 'dev.ebb.orders.order.cancelled.v1' });
      expect(status).toBe(422);
      expect(problem?.topic).toBe('orders');
    });
  });

  describe('publishing by type', () => {
    it('sends the example through the same door', async () => {
      const receipt = await test.eventing.publish({ type: TYPE, example: true, subject: 'o-1' });
      expect(receipt).toMatchObject({ type: TYPE, topic: 'checked', subject: 'o-1' });
      const record = log.records('checked').find(({ headers }) => headers.ce_id === receipt.id);
      expect(record?.key).toBe('o-1');
      expect(record?.value?.toString()).toBe('{"n":1}');
    });

    it.each([
      [{ type: 'dev.ebb.nope.v1', data: {} }, 422],
      [{ type: TYPE }, 400],
      [{ type: TYPE, data: { n: 'x' } }, 422],
      [{ type: TYPE, data: { n: 1, at: 'x'.repeat(2_000_000) } }, 413],
    ])('refuses %#', async (request, status) => {
      await expect(test.eventing.publish(request)).rejects.toMatchObject({ problem: { status } });
    });
  });
});
