import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, gatewayWith, holds, stopAll, upstreamWith } from '../gateway.fixture.ts';

afterEach(stopAll);

const CHUNK = Buffer.alloc(65_536, 'x');
const CHUNKS = 640;
const TOTAL = CHUNK.length * CHUNKS;

const routeTo = (to: string, more: object = {}) => ({
  path: '/x',
  methods: ['GET', 'POST'],
  to,
  access: 'anyone',
  maxBody: 2 * TOTAL,
  ...more,
});

function call(port: number, method: string, headers: Record<string, string> = {}) {
  return request({ host: '127.0.0.1', port, path: '/x', method, headers, agent: false });
}

const answerOf = async (out: ReturnType<typeof call>): Promise<IncomingMessage> =>
  ((await once(out, 'response')) as [IncomingMessage])[0];

describe('bodies', () => {
  it('go up as they come, no faster than the upstream reads them', async () => {
    let isReading = false;
    const upstream = await upstreamWith((incoming, response) => {
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length));
      incoming.once('end', () => response.end(String(bytes)));
      incoming.pause();
      void holds(() => expect(isReading).toBe(true)).then(() => incoming.resume());
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const out = call(gateway.port, 'POST', { 'transfer-encoding': 'chunked' });
    let waiting = 0;
    for (let nth = 0; nth < CHUNKS; nth += 1) out.write(CHUNK);
    // What nobody reads stands in the buffers of the sockets in between, and the rest stays with the client.
    await holds(() => {
      const isStill = waiting === out.writableLength;
      waiting = out.writableLength;
      expect(isStill).toBe(true);
    });
    expect(waiting).toBeGreaterThan(TOTAL / 2);
    isReading = true;
    out.end();
    const answer = await answerOf(out);
    const [text] = (await once(answer, 'data')) as [Buffer];
    expect(Number(text)).toBe(TOTAL);
  });

  it('come down as they are read, no faster', async () => {
    let written = 0;
    const upstream = await upstreamWith((_incoming, response) => {
      const more = (): void => {
        while (written < TOTAL) {
          written += CHUNK.length;
          if (!response.write(CHUNK)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const out = call(gateway.port, 'GET');
    out.end();
    const answer = await answerOf(out);
    // A client that does not read stops the upstream, and not only the gateway.
    let seen = -1;
    await holds(() => {
      const isStill = seen === written;
      seen = written;
      expect(isStill).toBe(true);
    });
    expect(written).toBeLessThan(TOTAL);
    let read = 0;
    answer.on('data', (chunk: Buffer) => (read += chunk.length));
    await once(answer, 'end');
    expect(read).toBe(TOTAL);
  });

  it('that are too large are refused before they are read, or where they get too large', async () => {
    let reached = 0;
    const upstream = await upstreamWith((incoming, response) => {
      reached += 1;
      incoming.resume().once('end', () => response.end());
    });
    const gateway = await gatewayWith([routeTo(upstream.url, { maxBody: 10 })]);
    const declared = await ask(gateway.port, '/x', { method: 'POST', body: 'x'.repeat(11) });
    expect(declared).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(reached).toBe(0);
    const out = call(gateway.port, 'POST', { 'transfer-encoding': 'chunked' });
    out.write('x'.repeat(6));
    out.end('x'.repeat(6));
    expect((await answerOf(out)).statusCode).toBe(413);
    expect(await ask(gateway.port, '/x', { method: 'POST', body: 'x'.repeat(10) })).toMatchObject({ status: 200 });
  });

  it('are not asked for when the request is refused', async () => {
    const gateway = await gatewayWith([routeTo('http://127.0.0.1:1', { maxBody: 10 })]);
    const out = call(gateway.port, 'POST', { expect: '100-continue', 'content-length': '11' });
    let isAsked = false;
    out.once('continue', () => (isAsked = true));
    out.flushHeaders();
    expect((await answerOf(out)).statusCode).toBe(413);
    expect(isAsked).toBe(false);
    out.destroy();
  });

  it('are asked for when they are wanted', async () => {
    const upstream = await upstreamWith((incoming, response) => incoming.pipe(response));
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const out = call(gateway.port, 'POST', { expect: '100-continue', 'content-length': '5' });
    out.once('continue', () => out.end('hello'));
    out.flushHeaders();
    const answer = await answerOf(out);
    expect(String((await once(answer, 'data'))[0])).toBe('hello');
  });
});

describe('whoever goes away', () => {
  it('takes the request to the upstream along', async () => {
    let isGone = false;
    const upstream = await upstreamWith((_incoming, response) => {
      response.once('close', () => (isGone = true));
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const out = call(gateway.port, 'GET');
    out.on('error', () => undefined).end();
    await holds(async () => expect(await gateway.metrics()).toContain('ebb_gateway_in_flight 1'));
    out.destroy();
    await holds(() => expect(isGone).toBe(true));
    await holds(async () => expect(await gateway.metrics()).toContain('status="499"} 1'));
  });

  it('in the middle of an answer is not asked for the rest of it', async () => {
    let isGone = false;
    const upstream = await upstreamWith((_incoming, response) => {
      response.write('a');
      response.once('close', () => (isGone = true));
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const out = call(gateway.port, 'GET');
    out.on('error', () => undefined).end();
    await answerOf(out);
    out.destroy();
    await holds(() => expect(isGone).toBe(true));
  });

  it('as the upstream leaves an answer that looks cut', async () => {
    const upstream = await upstreamWith((_incoming, response) => {
      response.write('half', () => response.destroy());
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    await expect(ask(gateway.port, '/x')).rejects.toThrow();
    expect(await ask(gateway.port, '/nothing')).toMatchObject({ status: 404 });
  });
});

describe('server-sent events', () => {
  it('come one by one, and end when the client goes', async () => {
    let isGone = false;
    const upstream = await upstreamWith((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      const timer = setInterval(() => response.write('data: tick\n\n'), 5);
      response.once('close', () => {
        clearInterval(timer);
        isGone = true;
      });
    });
    const gateway = await gatewayWith([routeTo(upstream.url, { stream: true, timeout: '10s' })]);
    const out = call(gateway.port, 'GET');
    out.on('error', () => undefined).end();
    const answer = await answerOf(out);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    for (let nth = 0; nth < 3; nth += 1) expect(String((await once(answer, 'data'))[0])).toContain('tick');
    out.destroy();
    await holds(() => expect(isGone).toBe(true));
  });

  it('that never come are given up', async () => {
    const upstream = await upstreamWith((_incoming, response) => {
      response.write('data: once\n\n');
    });
    const gateway = await gatewayWith([routeTo(upstream.url, { stream: true })], {
      config: { STREAM_IDLE_TIMEOUT: 50 },
    });
    await expect(ask(gateway.port, '/x')).rejects.toThrow();
  });
});
