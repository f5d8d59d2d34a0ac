import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Deployment } from '@ebb/knative';
import { eventually, harness, worker, type Harness } from './testing/harness.fixture.ts';
import { WORKER_SOURCE } from './testing/worker-source.fixture.ts';

const PATIENCE_MS = 30_000;

let h: Harness | undefined;
afterEach(async () => {
  const left = await h?.stop();
  h = undefined;
  expect(left ?? []).toEqual([]);
});

/** A worker that listens beside its probes, behind a server as clients see it. */
async function start(env: Record<string, string> = {}, annotations: Record<string, string> = {}) {
  const started = (h = harness({ urlOf: (name) => `http://${name}.localhost` }));
  const { serving, folder, listen, running } = started;
  writeFileSync(join(folder, 'worker.cjs'), WORKER_SOURCE);
  const artifact = { ...started.artifact('1', env), command: [process.execPath, 'worker.cjs'] };
  const applied = serving.apply(listening('door', annotations), artifact);
  applied.catch(() => undefined);
  return { serving, running, artifact, applied, folder, port: Number(new URL(await listen()).port) };
}

function listening(name: string, annotations: Record<string, string> = {}): Deployment {
  const { spec, ...resource } = worker(name, 1);
  const container = {
    ...spec.template.spec.containers[0],
    ports: [{ containerPort: 8080 }, { name: 'http', containerPort: 8081 }],
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 8080 } },
  };
  return { ...resource, spec: { ...spec, template: { metadata: { annotations }, spec: { containers: [container] } } } };
}

const send = (port: number, path: string, body?: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { host: 'door.localhost:8080', 'x-forwarded-host': 'elsewhere.example' };
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
    };
    const out = request(options, resolve);
    out.on('error', reject);
    if (body === undefined) out.end();
    else out.flushHeaders();
  });

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  return text;
}

describe('a worker that listens', () => {
  it('is reached on its own port, as behind an ingress', async () => {
    const { serving, applied, port } = await start();
    await applied;
    const { headers, url } = JSON.parse(await textOf(await send(port, '/a?b=c'))) as {
      headers: Record<string, string>;
      url: string;
    };
    expect(url).toBe('/a?b=c');
    expect(headers).toMatchObject({
      ...{ host: 'door.localhost:8080', 'x-forwarded-host': 'door.localhost:8080' },
      ...{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
    });
    expect(headers).not.toHaveProperty('k-proxy-request');
    expect(serving.status()).toMatchObject([{ kind: 'worker', state: 'ready', url: 'http://door.localhost' }]);
  });

  it('answers piece by piece while the request still goes on', async () => {
    const { applied, port } = await start();
    await applied;
    const pieces: string[] = [];
    const headers = { host: 'door.localhost', 'transfer-encoding': 'chunked' };
    const out = request({ host: '127.0.0.1', port, path: '/events', method: 'POST', headers, agent: false });
    out.on('response', (answer) => answer.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece)));
    out.flushHeaders();
    await eventually(() => pieces.join('') === 'data: first\n\n', 'the first piece', PATIENCE_MS);
    out.end('go on');
    await eventually(() => pieces.join('').endsWith('data: last\n\n'), 'the last piece', PATIENCE_MS);
  });

  it('may take over the connection', async () => {
    const { applied, port } = await start();
    await applied;
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.write('GET / HTTP/1.1\r\nHost: door.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await eventually(() => received.includes('Upgrade: websocket'), 'the upgrade', PATIENCE_MS);
    socket.write('ping');
    await eventually(() => received.endsWith('ping'), 'the echo', PATIENCE_MS);
    socket.destroy();
  });

  it('is started again when it crashes; until then requests are refused at once', async () => {
    const { serving, applied, port, running, artifact } = await start();
    await applied;
    const before = [...running.keys()];
    expect((await send(port, '/crash')).statusCode).toBe(502);
    await eventually(() => serving.status()[0]?.ready === 1 && !running.has(before[0]!), 'its return', PATIENCE_MS);
    expect((await send(port, '/')).statusCode).toBe(200);
    // One that is not wanted any more, nor gone yet, is like one that has crashed for good.
    const { spec, ...resource } = listening('door');
    await serving.apply({ ...resource, spec: { ...spec, replicas: 0 } }, artifact);
    const away = await send(port, '/');
    expect([away.statusCode, away.headers['retry-after']]).toEqual([503, '1']);
  });

  it('gets another port when somebody took its own', async () => {
    const mark = 'taken.txt';
    const { serving, applied, port, folder } = await start({ TAKEN_ONCE: mark });
    await applied;
    expect(existsSync(join(folder, mark))).toBe(true);
    expect(readFileSync(join(folder, mark), 'utf8')).toMatch(/^\d+$/);
    expect((await send(port, '/')).statusCode).toBe(200);
    expect(serving.status()[0]?.lastError).toBeUndefined();
  });

  it('that never becomes ready is given up, with the reason, and refuses requests until then', async () => {
    const { serving, applied, port } = await start(
      { NEVER_READY: '1' },
      { 'serving.knative.dev/progress-deadline': '2s' },
    );
    const early = await send(port, '/');
    expect([early.statusCode, early.headers['retry-after']]).toEqual([503, '1']);
    await expect(applied).rejects.toThrow(/door-00001 .*was not ready within 2 s/s);
    expect(serving.status()).toMatchObject([{ state: 'failing', lastError: expect.stringContaining('was not ready') }]);
  });
});
