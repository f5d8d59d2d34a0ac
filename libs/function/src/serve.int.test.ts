import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { buildService } from '@ebb/build';

import { freePort, send, start, startAlive, weigh, type Child } from './testing-fixtures/child.fixture.ts';

const root = join(import.meta.dirname, '../../..');
const outdir = mkdtempSync(join(tmpdir(), 'ebb-serve-'));
const children: Child[] = [];
let parcels = '';
let ticker = '';
let porter = '';

async function build(name: string): Promise<string> {
  const app = join(import.meta.dirname, 'testing-fixtures', name);
  return (await buildService({ root, app, outdir: join(outdir, name) })).main;
}

async function alive(main: string, env: Record<string, string> = {}): Promise<Child> {
  const child = await startAlive(main, env);
  children.push(child);
  return child;
}

beforeAll(async () => {
  parcels = await build('parcels');
  ticker = await build('ticker');
  porter = await build('porter');
}, 60_000);
afterEach(() => {
  for (const { process } of children.splice(0)) process.kill('SIGKILL');
});
afterAll(() => rmSync(outdir, { recursive: true }));

describe('a service process', () => {
  it('describes itself without settings, and does not listen', async () => {
    const child = await start(parcels, { PORT: 'nonsense' }, ['--describe']);
    expect(await child.exited).toBe(0);
    expect(JSON.parse(child.output())).toMatchObject({
      kind: 'service',
      name: 'parcels',
      version: expect.stringMatching(/^1\.2\.3\+[0-9a-f]+$/),
      functions: [
        {
          name: 'weigh',
          path: '/functions/weigh',
          on: ['dev.ebb.parcels.parcel.weighed.v1'],
          timeoutMs: 500,
          concurrency: 2,
          delivery: { retry: 12, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
          effect: 'none',
        },
        { name: 'track' },
      ],
      routes: [{ method: 'GET', path: '/parcels', emits: [] }, { method: 'POST' }, {}, {}, {}],
      schedules: [],
      settings: [
        { name: 'DEPOT', required: false, default: 'Berlin' },
        { name: 'MAX_GRAMS', required: false, default: 31_500 },
      ],
      scale: { max: 3, windowMs: 10_000, timeoutMs: 35_000 },
    });
    const { events } = JSON.parse(child.output()) as { events: { schema: unknown }[] };
    expect(events[0]?.schema).toMatchObject({ type: 'object', properties: { grams: { type: 'integer' } } });
  });

  it('says everything that is wrong with its settings, and exits with 78', async () => {
    const child = await start(parcels, { PORT: 'nonsense', LOG_LEVEL: 'loud', MAX_GRAMS: 'many' });
    expect(await child.exited).toBe(78);
    for (const name of ['PORT', 'LOG_LEVEL', 'MAX_GRAMS']) expect(child.errors()).toContain(name);
  });

  it('says that its port is taken', async () => {
    const first = await alive(parcels);
    const second = await start(parcels, { PORT: String(first.port) });
    expect(await second.exited).toBe(1);
    expect(second.errors()).toContain('EADDRINUSE');
  });

  it('answers its probes', async () => {
    const { port } = await alive(parcels);
    expect(await send(port, 'GET', '/healthz/ready')).toMatchObject({ status: 200 });
    expect(await send(port, 'POST', '/healthz/live')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await send(port, 'GET', '/healthz/else')).toMatchObject({ status: 404 });
  });

  it('finishes what is in flight after SIGTERM, takes nothing new, and exits with 0', async () => {
    const child = await alive(parcels);
    const events = [weigh(child.port, 5), send(child.port, 'PUT', '/parcels/7/label')];
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.process.kill('SIGTERM');
    const answers = await Promise.all(events);
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    for (const { headers } of answers) expect(headers.connection).toBe('close');
    expect(await child.exited).toBe(0);
    await expect(weigh(child.port, 10)).rejects.toThrow('ECONNREFUSED');
  });

  it('is not kept by idle connections and half-sent requests', async () => {
    const child = await alive(parcels);
    const idle = connect(child.port, '127.0.0.1');
    const half = connect(child.port, '127.0.0.1');
    for (const socket of [idle, half]) socket.on('error', () => undefined);
    half.write('POST /functions/weigh HTTP/1.1\r\nhost: x\r\n');
    idle.write('GET /healthz/live HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => idle.once('data', resolve));
    child.process.kill('SIGINT');
    expect(await child.exited).toBe(0);
  });

  it('exits at once on a second signal', async () => {
    const child = await alive(parcels, { MAX_GRAMS: '99999' });
    const cut = expect(weigh(child.port, 5)).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.process.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.process.kill('SIGTERM');
    expect(await child.exited).toBe(143);
    await cut;
  });

  it('ends with a line when something is not caught', async () => {
    const child = await alive(parcels);
    await weigh(child.port, 6).catch(() => undefined);
    expect(await child.exited).toBe(1);
    expect(child.output()).toContain('nobody catches this');
  });

  it('logs with function, event and trace', async () => {
    const child = await alive(parcels);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(await weigh(child.port, 7, { 'ce-traceparent': traceparent })).toMatchObject({ status: 204, body: '' });
    child.process.kill('SIGTERM');
    await child.exited;
    expect(JSON.parse(child.output())).toMatchObject({
      level: 'info',
      msg: 'seven',
      service: 'parcels',
      function: 'weigh',
      event: { id: 'e-7', source: '/scales' },
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });
});

describe('a worker process', () => {
  it('is ready when it says so, and ends with 0 when it is told to', async () => {
    const child = await alive(ticker, { TOKEN: 't' });
    const statuses = new Set<number>();
    while (!statuses.has(200)) statuses.add((await send(child.port, 'GET', '/healthz/ready')).status);
    child.process.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });

  it('ends with 1 when it fails', async () => {
    const child = await start(ticker, { TOKEN: 't', FAIL: 'true' });
    expect(await child.exited).toBe(1);
    expect(child.output()).toContain('out of order');
    expect(child.errors()).toBe('out of order\n');
  });

  it('listens on a port of its own, beside probes and metrics', async () => {
    const env = { LISTEN_PORT: String(await freePort()), CATALOGUE_FILE: '/c.json', SERVICES_URL: 'http://{service}' };
    const child = await alive(porter, env);
    const isReady = async () => (await send(child.port, 'GET', '/healthz/ready')).status === 200;
    while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 10));
    const { body } = await send(Number(env.LISTEN_PORT), 'GET', '/');
    expect(JSON.parse(body)).toEqual({ catalogue: '/c.json', services: 'http://{service}' });
    expect(await send(child.port, 'GET', '/')).toMatchObject({ status: 404 });

    const late = await start(porter, env);
    children.push(late);
    expect(await late.exited).toBe(1);
    expect(late.errors()).toContain('EADDRINUSE');

    child.process.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });

  it('needs what comes with its needs', async () => {
    const child = await start(porter);
    expect(await child.exited).toBe(78);
    expect(child.errors()).toContain('CATALOGUE_FILE is required');
    expect(child.errors()).toContain('SERVICES_URL is required');
  });

  it('needs its settings, and hides secrets', async () => {
    const child = await start(ticker, { FAIL: 'maybe' });
    expect(await child.exited).toBe(78);
    expect(child.errors()).toContain('TOKEN is required');
  });
});
