import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpOptions, type HttpResult, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, placedData, placeOrder, PLACED, publishBinary } from '@ebb/shop';

interface ProblemDocument {
  readonly status: number;
  readonly detail?: string;
  readonly violations?: readonly { readonly path: string; readonly message: string }[];
}

const json = { 'content-type': 'application/json' };
let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  ebb = await Ebb.start(workspace, ['--no-watch']);
});

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

/** Every refusal is a problem document with the answer's own status. */
function expectProblem(response: HttpResult, status: number): ProblemDocument {
  expect({ status: response.status, body: response.body }).toMatchObject({ status });
  expect(response.headers['content-type']).toContain('application/problem+json');
  const document = response.json<ProblemDocument>();
  expect(document.status).toBe(status);
  expect(response.body).not.toContain('    at ');
  return document;
}

const attributes = (more: Record<string, string> = {}): Record<string, string> => ({
  ...json,
  'ce-specversion': '1.0',
  'ce-id': randomUUID(),
  'ce-source': '/stranger',
  'ce-type': PLACED,
  ...more,
});

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes()).filter(([key]) => key !== name));
}

const post = (path: string, options: HttpOptions): Promise<HttpResult> =>
  ebb.http('', path, { method: 'POST', ...options });
const broker = '/broker/default/orders';
const body = (): string => JSON.stringify(placedData());

describe('the broker', () => {
  let eventsBefore = 0;

  beforeAll(async () => {
    eventsBefore = await eventsInLog();
  });

  it.each(['ce-id', 'ce-source', 'ce-type', 'ce-specversion'])('names the missing attribute %s', async (name) => {
    const { detail } = expectProblem(await post(broker, { headers: without(name), body: body() }), 400);
    expect(detail).toContain(name === 'ce-specversion' ? 'specversion' : name.slice(3));
  });

  it.each([
    ['ce-time', 'yesterday', 'time'],
    ['ce-source', 'not a uri', 'source'],
    ['ce-specversion', '9.9', 'specversion'],
    ['ce-bad_name', 'x', 'bad_name'],
  ])('names the invalid attribute %s: %s', async (name, value, named) => {
    const { detail } = expectProblem(await post(broker, { headers: attributes({ [name]: value }), body: body() }), 400);
    expect(detail).toContain(named);
  });

  it('refuses data that is not JSON', async () => {
    expectProblem(await post(broker, { headers: attributes(), body: '{"orderId":' }), 400);
  });

  it('refuses JSON that is too deep', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    expectProblem(await post(broker, { headers: attributes(), body: deep }), 400);
  });

  it('refuses a body over 1 MiB', async () => {
    expectProblem(await post(broker, { headers: attributes(), body: 'x'.repeat(1_100_000) }), 413);
  });

  it('lists each violation of the schema with its path', async () => {
    const { violations } = expectProblem(
      await publishBinary(ebb, randomUUID(), { orderId: 'x', lines: [{ sku: 7 }] }),
      422,
    );
    const paths = (violations ?? []).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/orderId', '/lines/0/sku']));
  });

  it('refuses a type that nobody declares, and names the nearest', async () => {
    const headers = attributes({ 'ce-type': 'dev.ebb.orders.order.plaecd.v1' });
    const { detail } = expectProblem(await post(broker, { headers, body: body() }), 422);
    expect(detail).toContain(PLACED);
  });

  it('refuses an unknown broker, another path shape and another method', async () => {
    expectProblem(await post('/broker/default/nobody', { headers: attributes(), body: body() }), 404);
    expectProblem(await post('/broker/orders', { headers: attributes(), body: body() }), 404);
    const put = await ebb.http('', broker, { method: 'PUT', headers: attributes(), body: body() });
    expectProblem(put, 405);
    expect(put.headers.allow).toContain('POST');
  });

  it('refuses a batch', async () => {
    expectProblem(
      await post(broker, { headers: { 'content-type': 'application/cloudevents-batch+json' }, body: '[]' }),
      400,
    );
  });

  it('has put none of it into the log', async () => {
    expect(await eventsInLog()).toBe(eventsBefore);
  });
});

describe('the routes', () => {
  const order = (options: HttpOptions): Promise<HttpResult> =>
    ebb.http('orders', '/orders', { method: 'POST', ...options });

  it('list every violation with its path', async () => {
    const { violations } = expectProblem(
      await order({ headers: json, body: '{"lines":[{"sku":"MUG-BLUE","quantity":-1}]}' }),
      422,
    );
    expect((violations ?? []).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/lines/0/quantity', '/lines/0/unitPrice']),
    );
  });

  it('refuse what is no JSON, too deep, too large or of another type', async () => {
    expectProblem(await order({ headers: json, body: '{' }), 400);
    expectProblem(await order({ headers: json, body: `{"lines":${'['.repeat(5_000)}${']'.repeat(5_000)}}` }), 400);
    expectProblem(await order({ headers: json, body: JSON.stringify({ lines: 'x'.repeat(2_000_000) }) }), 413);
    expectProblem(await order({ headers: { 'content-type': 'text/plain' }, body: 'an order' }), 415);
  });

  it('answer 404, 405 and 409 where these fit', async () => {
    expectProblem(await ebb.http('orders', `/orders/${randomUUID()}`), 404);
    expectProblem(await ebb.http('orders', '/nothing'), 404);
    const put = await ebb.http('orders', '/orders', { method: 'PUT' });
    expectProblem(put, 405);
    expect(put.headers.allow).toContain('POST');
    const id = randomUUID();
    expect((await placeOrder(ebb, undefined, id)).status).toBe(201);
    expectProblem(
      await placeOrder(ebb, [{ sku: 'TEE-M', quantity: 2, unitPrice: { minorUnits: 1, currency: 'EUR' } }], id),
      409,
    );
  });

  it('give each request an id', async () => {
    const own = await ebb.http('orders', '/nothing', { headers: { 'x-request-id': 'abc-123' } });
    expect(own.headers['x-request-id']).toBe('abc-123');
    expect((await ebb.http('orders', '/nothing')).headers['x-request-id']).toMatch(/.{8,}/);
  });
});

describe('a function', () => {
  it('that is asked with junk says what is wrong', async () => {
    const path = '/functions/reserve-stock';
    expectProblem(await ebb.http('inventory', path, { method: 'POST', headers: json, body: '{}' }), 400);
    expectProblem(await ebb.http('inventory', path), 405);
    expectProblem(
      await ebb.http('inventory', '/functions/nobody', { method: 'POST', headers: attributes(), body: body() }),
      404,
    );
  });
});

describe('the front', () => {
  it('refuses a host that is none of its own, and another origin', async () => {
    expectProblem(await ebb.http('', '/ebb/v1/status', { headers: { host: 'evil.example' } }), 421);
    expectProblem(await ebb.http('', '/ebb/v1/status', { headers: { origin: 'https://evil.example' } }), 403);
    expectProblem(await ebb.http('nobody', '/'), 404);
    expectProblem(await ebb.http('', '/nothing-here'), 404);
  });

  it('goes on serving while clients send half a request or junk', async () => {
    const sockets = Array.from({ length: 50 }, (_, n) => {
      const socket = connect(ebb.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        n % 2 === 0
          ? 'POST /broker/default/orders HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{'
          : '\u0000\u0001junk\r\n\r\n',
      );
      return socket;
    });
    try {
      const { orderId } = (await placeOrder(ebb)).json<{ orderId: string }>();
      expect((await decided(ebb, orderId)).status).toBe('confirmed');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

describe('after all of this', () => {
  it('nothing has crashed and nothing was logged as an error', async () => {
    const { stdout } = await ebb.cli(['status', '--json']);
    const { services } = JSON.parse(stdout) as { services: { name: string; state: string }[] };
    expect(services.filter(({ state }) => state === 'failing')).toEqual([]);
    await eventually(() => ebb.process.exitCode === null);
    for (const name of ['runtime', 'orders', 'inventory']) {
      expect(errorLines(join(workspace.root, '.ebb/logs', `${name}.log`))).toEqual([]);
    }
  });
});

async function eventsInLog(): Promise<number> {
  const { stdout } = await ebb.cli(['status', '--json']);
  const { topics } = JSON.parse(stdout) as { topics: { name: string; events: number }[] };
  return topics.find(({ name }) => name === 'orders')?.events ?? 0;
}

function errorLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => /"level":(50|60|"error")/.test(text));
  } catch {
    return [];
  }
}
