import type { IncomingMessage } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import { ask, gatewayWith, holds, rawConnection, stopAll, upstreamWith } from '../gateway.fixture.ts';
import { AnswerCache } from './answer-cache.ts';
import { cachePolicy } from './cache-policy.ts';

afterEach(stopAll);

const seen: IncomingMessage[] = [];

async function keeping(answer: (request: IncomingMessage, nth: number) => string) {
  seen.length = 0;
  const upstream = await upstreamWith((request, response) => {
    seen.push(request);
    response.setHeader('content-type', 'text/plain').end(answer(request, seen.length));
  });
  const cache = new AnswerCache({ maxBytes: 1_000_000, maxEntryBytes: 100_000, clock: systemClock });
  const route = { to: upstream.url, access: 'anyone', cache: { maxAge: '1h' } };
  const gateway = await gatewayWith(
    [
      { ...route, path: '/things/:id' },
      { path: '/things/:id', methods: ['PUT'], to: upstream.url, access: 'anyone' },
    ],
    { policies: { cache: cachePolicy({ cache, patienceMs: 60_000 }) } },
  );
  return { gateway, cache };
}

it('an answer is given out again, whole, as a head, or as what the client has already', async () => {
  const { gateway } = await keeping((_request, nth) => `answer ${nth}`);
  const first = await ask(gateway.port, '/things/1?b=2&a=1');
  const second = await ask(gateway.port, '/things/%31?a=1&b=2');
  expect([first.text, second.text]).toEqual(['answer 1', 'answer 1']);
  expect(second.headers).toMatchObject({
    'content-type': 'text/plain',
    'content-length': '8',
    'cache-control': 'public, max-age=3600',
    age: expect.stringMatching(/^\d+$/) as unknown,
    'cache-status': expect.stringMatching(/^ebb; hit; ttl=\d+$/) as unknown,
  });
  expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  const head = await ask(gateway.port, '/things/1?a=1&b=2', { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': '8' } });
  const etag = second.headers.etag ?? '';
  const known = await ask(gateway.port, '/things/1?a=1&b=2', { headers: { 'if-none-match': etag } });
  expect(known).toMatchObject({ status: 304, text: '', headers: { etag } });
  expect(seen).toHaveLength(1);
});

it('what one client says in headers reaches no other client', async () => {
  const { gateway } = await keeping((request) => JSON.stringify(request.headers));
  const evil = {
    'x-forwarded-host': 'evil.test',
    'x-forwarded-scheme': 'evil',
    'x-original-url': '/evil',
    'accept-language': 'evil',
    'user-agent': 'evil',
    cookie: 'evil=1',
    origin: 'https://evil.test',
    range: 'bytes=0-1',
  };
  await ask(gateway.port, '/things/1', { headers: evil });
  const { text, headers } = await ask(gateway.port, '/things/1');
  expect(headers['cache-status']).toContain('hit');
  expect(text).not.toContain('evil');
  const otherHost = await ask(gateway.port, '/things/1', { headers: { host: 'evil.test' } });
  expect(otherHost.headers['cache-status']).toContain('miss');
  expect((await ask(gateway.port, '/things/1')).text).not.toContain('evil');
});

it('many who ask at once cost one request, also when the one that was sent is given up', async () => {
  let answerThem!: () => void;
  const isAllowed = new Promise<void>((resolve) => (answerThem = resolve));
  const upstream = await upstreamWith((request, response) => {
    seen.push(request);
    void isAllowed.then(() => response.end('late'));
  });
  seen.length = 0;
  const cache = new AnswerCache({ maxBytes: 1_000_000, maxEntryBytes: 100_000, clock: systemClock });
  const gateway = await gatewayWith([{ path: '/slow', to: upstream.url, access: 'anyone', cache: { maxAge: '1h' } }], {
    policies: { cache: cachePolicy({ cache, patienceMs: 60_000 }) },
  });
  const { socket } = await rawConnection(gateway.port);
  socket.write(`GET /slow HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\n\r\n`);
  await holds(() => expect(seen).toHaveLength(1));
  const followers = Array.from({ length: 20 }, () => ask(gateway.port, '/slow'));
  const all = Promise.all(followers);
  socket.destroy();
  await holds(() => expect(seen).toHaveLength(2));
  answerThem();
  expect(new Set((await all).map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 late']));
  expect(seen).toHaveLength(2);
  expect(cache.flights.size).toBe(0);
});

it('what was changed is asked for again', async () => {
  const { gateway } = await keeping((_request, nth) => `answer ${nth}`);
  await ask(gateway.port, '/things/1');
  await ask(gateway.port, '/things/2');
  await ask(gateway.port, '/things/1', { method: 'PUT', body: 'new' });
  expect((await ask(gateway.port, '/things/1')).text).toBe('answer 4');
  expect((await ask(gateway.port, '/things/2')).text).toBe('answer 2');
});
