import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signedHeaders } from '@ebb/function';
import { OrderPlaced } from '@ebb/schemas';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpOptions, type WorkspaceCopy } from '@ebb/testing/local';
import { line, restock } from '@ebb/shop';

interface Span {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
}

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const ROUTES_FILE = join(tmpdir(), `routes-${randomUUID()}.json`);
const WEBHOOK = {
  path: '/hooks/shop',
  methods: ['POST'],
  access: 'anyone',
  webhook: { event: OrderPlaced.type, secret: 'shop' },
};

let workspace: WorkspaceCopy;
let ebb: Ebb;

/** On a busy machine the builds of all services take their time. */
const START_DEADLINE_MS = 90_000;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, {
    apps: ['orders', 'inventory', 'relay', 'gateway'],
    config: { env: { gateway: { ROUTES_FILE, WEBHOOK_SECRETS: JSON.stringify({ shop: SECRET }) } } },
  });
  writeFileSync(ROUTES_FILE, JSON.stringify({ routes: [WEBHOOK] }));
  ebb = await Ebb.start(workspace, ['--no-watch']);
}, START_DEADLINE_MS);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
  rmSync(ROUTES_FILE);
});

const gateway = (path: string, options: HttpOptions = {}) => ebb.http('gateway', path, options);

function placeOrder(headers: Readonly<Record<string, string>> = {}) {
  return gateway('/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ lines: [line()] }),
  });
}

describe('the gateway of a workspace', () => {
  it('takes requests to the services that are installed, and to no other', async () => {
    const placed = await placeOrder({ 'x-request-id': 'first-order' });
    expect(placed).toMatchObject({ status: 201, headers: { 'x-request-id': 'first-order' } });
    const { location } = placed.headers;
    expect((await gateway(location ?? '')).json()).toMatchObject({ status: expect.any(String) as unknown });
    expect(await gateway('/orders/no-order')).toMatchObject({ status: 404 });
    for (const path of ['/', '/functions/follow-stock', '/health/ready', '/metrics']) {
      const { status, body } = await gateway(path);
      expect([path, status, body]).toEqual([path, 404, expect.stringContaining('no route') as unknown]);
    }
    expect(await gateway('/orders', { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS, POST' },
    });
  });

  it('makes an event of a webhook, once', async () => {
    const orderId = randomUUID();
    const body = Buffer.from(JSON.stringify({ ...OrderPlaced.example, orderId }));
    const headers = {
      'content-type': 'application/json',
      ...signedHeaders(SECRET, `msg_${orderId}`, body, Date.now()),
    };
    const send = (changed: Buffer = body) => gateway('/hooks/shop', { method: 'POST', headers, body: changed });
    for (let nth = 0; nth < 2; nth += 1) expect(await send()).toMatchObject({ status: 202 });
    expect(await send(Buffer.from('{}'))).toMatchObject({ status: 401 });
    const order = () => gateway(`/orders/${orderId}`);
    await eventually(async () => (await order()).status === 200, { timeoutMs: 30_000 });
    expect((await order()).json()).toMatchObject({ orderId });
  });

  it('begins the trace that goes on in the service, its statements, its events, and whoever reacts to them', async () => {
    await restock(ebb, 10);
    const traceId = randomUUID().replaceAll('-', '');
    expect((await placeOrder({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` })).status).toBe(201);
    const ways = await eventually(
      async () => {
        const { stdout } = await ebb.cli(['trace', traceId, '--json']);
        const { spans } = JSON.parse(stdout) as { spans: Span[] };
        const reaction = spans.find(({ service, name }) => service === 'inventory' && name === 'process reserve-stock');
        const way = reaction ? wayOf(reaction, spans) : [];
        // Each process sends its spans when it comes to it: the last ones need not be there first.
        return way.at(-1) === 'gateway: POST /orders' && way;
      },
      { timeoutMs: 30_000 },
    );
    expect(ways).toEqual(
      expect.arrayContaining(['gateway: POST /orders', 'gateway: POST orders', 'orders: POST /orders']),
    );
  });
});

/** The span, and those that it came from. */
function wayOf(span: Span, spans: readonly Span[]): readonly string[] {
  const way: string[] = [];
  for (let at: Span | undefined = span; at;) {
    const { service, name, parentSpanId }: Span = at;
    way.push(`${service}: ${name}`);
    at = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return way;
}
