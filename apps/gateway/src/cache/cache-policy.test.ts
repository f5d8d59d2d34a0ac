import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import { TestExchange, type ExchangeOptions } from '../exchange.fixture.ts';
import type { AnswerHead } from '../pipeline/answer.ts';
import type { Verdict } from '../pipeline/exchange.ts';
import type { RouteCache } from '../routing/gateway-route.ts';
import { AnswerCache } from './answer-cache.ts';
import { cachePolicy } from './cache-policy.ts';

const RULE: RouteCache = { maxAgeMs: 60_000, per: 'everyone', vary: [], invalidatedBy: [] };
const BODY = Buffer.from('{"name":"thing"}');
const PATIENCE_MS = 60_000;

class Gateway {
  now = 1_700_000_000_000;
  readonly cache: AnswerCache;
  readonly #policy: ReturnType<typeof cachePolicy>;
  rule: RouteCache;

  constructor(
    rule: Partial<RouteCache> = {},
    { maxBytes = 100_000, maxEntryBytes = 10_000, patienceMs = PATIENCE_MS } = {},
  ) {
    this.rule = { ...RULE, ...rule };
    const clock = { ...systemClock, now: () => this.now };
    this.cache = new AnswerCache({ maxBytes, maxEntryBytes, clock });
    this.#policy = cachePolicy({ cache: this.cache, patienceMs });
  }

  begin(options: ExchangeOptions = {}): { exchange: TestExchange; verdict: Verdict | Promise<Verdict> } {
    const exchange = new TestExchange({ ...options, route: { cache: this.rule, ...options.route } });
    return { exchange, verdict: this.#policy(exchange) };
  }

  /** A request, answered by the service when it gets there. */
  async ask(options: ExchangeOptions = {}, headers: AnswerHead['headers'] = {}, body = BODY, status = 200) {
    const { exchange, verdict } = this.begin(options);
    const own = await verdict;
    const head = own ? undefined : exchange.answered(status, headers, body);
    return { exchange, own, head, isKept: own !== undefined, told: exchange.added['cache-status'] ?? '' };
  }

  /** Whether a second request gets what the first one was answered with. */
  async keeps(headers: AnswerHead['headers'] = {}, first: ExchangeOptions = {}, second = first, status = 200) {
    await this.ask(first, headers, BODY, status);
    return (await this.ask(second, headers)).isKept;
  }
}

const caller = (subject: string, more: object = {}) => ({ subject, issuer: 'urn:a', roles: [], scopes: [], ...more });

describe('an answer that is kept', () => {
  it('is given to whoever asks the same, for as long as the route says', async () => {
    const gateway = new Gateway();
    const first = await gateway.ask({}, { 'content-type': 'application/json' });
    expect(first.told).toBe('ebb; fwd=miss');
    expect(first.head?.headers['cache-control']).toBe('public, max-age=60');
    gateway.now += 20_000;
    const { own, told } = await gateway.ask();
    expect(told).toBe('ebb; hit; ttl=40');
    expect(own).toMatchObject({
      kind: 'answer',
      status: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=60',
        age: 20,
        etag: expect.stringMatching(/^"[\w-]{43}"$/) as unknown,
      },
      body: BODY,
    });
    gateway.now += 40_000;
    expect((await gateway.ask()).isKept).toBe(false);
  });

  it('serves a HEAD, too; and a HEAD brings none', async () => {
    const gateway = new Gateway();
    expect((await gateway.ask({ method: 'HEAD' })).isKept).toBe(false);
    expect((await gateway.ask()).isKept).toBe(false);
    expect((await gateway.ask({ method: 'HEAD' })).own).toMatchObject({ status: 200, body: BODY });
  });

  it('may stay with the client, which only asks whether it changed', async () => {
    const gateway = new Gateway();
    const modified = 'Tue, 14 Nov 2023 00:00:00 GMT';
    await gateway.ask({}, { etag: 'W/"3"', 'last-modified': modified, 'content-type': 'text/plain' });
    for (const match of ['W/"3"', '"3"', '"1", W/"3"', '*']) {
      const { own } = await gateway.ask({ headers: { 'if-none-match': match } });
      expect(own).toEqual({
        kind: 'answer',
        status: 304,
        headers: { etag: 'W/"3"', age: 0, 'cache-control': 'public, max-age=60' },
      });
    }
    const changed = { 'if-none-match': '"2"', 'if-modified-since': modified };
    expect((await gateway.ask({ headers: changed })).own).toMatchObject({ status: 200 });
    expect((await gateway.ask({ headers: { 'if-modified-since': modified } })).own).toMatchObject({ status: 304 });
    const earlier = { 'if-modified-since': 'Mon, 13 Nov 2023 00:00:00 GMT' };
    expect((await gateway.ask({ headers: earlier })).own).toMatchObject({ status: 200 });
  });

  it('has another entity tag for other bytes', async () => {
    const gateway = new Gateway();
    await gateway.ask({ path: '/a' });
    await gateway.ask({ path: '/b' }, {}, Buffer.from('other'));
    const tags = await Promise.all(['/a', '/b'].map(async (path) => (await gateway.ask({ path })).own));
    expect(new Set(tags.map((own) => own?.kind === 'answer' && own.headers.etag)).size).toBe(2);
  });

  it('is no answer to another query, path, host, scheme or method', async () => {
    const gateway = new Gateway();
    await gateway.ask({ query: 'a=1&b=2' });
    expect((await gateway.ask({ query: 'b=2&a=%31' })).isKept).toBe(true);
    for (const other of [
      { query: 'a=1' },
      { query: 'a=1&b=2', path: '/things/2' },
      { query: 'a=1&b=2', host: 'evil.test' },
    ]) {
      expect((await gateway.ask(other)).isKept).toBe(false);
    }
    expect((await gateway.ask({ query: 'a=1&b=2', method: 'POST' })).isKept).toBe(false);
  });

  it('goes at last when there is no more room', async () => {
    const gateway = new Gateway({}, { maxBytes: 20_000 });
    for (let thing = 0; thing < 500; thing += 1) {
      await gateway.ask({ path: `/things/${thing}` }, {}, Buffer.alloc(1_000));
      expect(gateway.cache.store.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(gateway.cache.store.entries).toBeGreaterThan(5);
    expect(gateway.cache.store.tags).toBe(gateway.cache.store.entries);
    expect((await gateway.ask({ path: '/things/499' })).isKept).toBe(true);
    expect((await gateway.ask({ path: '/things/0' })).isKept).toBe(false);
    gateway.cache.flush();
    expect([gateway.cache.store.bytes, gateway.cache.store.tags]).toEqual([0, 0]);
  });
});

describe('an answer is not kept', () => {
  it.each<[string, AnswerHead['headers']]>([
    ['with a cookie', { 'set-cookie': ['session=1'] }],
    ['that is private', { 'cache-control': 'private' }],
    ['that is private, shouted', { 'cache-control': 'PRIVATE="x"' }],
    ['that says no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['that says no-cache', { 'cache-control': 'no-cache' }],
    ['that is old at once', { 'cache-control': 'max-age=0' }],
    ['whose age is no number', { 'cache-control': 'max-age=soon' }],
    ['that is older than it may be', { 'cache-control': 'max-age=30', age: '31' }],
    ['that has expired', { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['that expires at 0', { expires: '0' }],
    ['that varies by everything', { vary: '*' }],
    ['that varies by what is no part of the key', { vary: 'Origin, Cookie' }],
    ['that is a part', { 'content-range': 'bytes 0-1/2' }],
  ])('%s', async (_what, headers) => {
    expect(await new Gateway().keeps(headers)).toBe(false);
  });

  it.each([201, 204, 206, 301, 302, 400, 401, 403, 404, 410, 500, 503])('of the status %i', async (status) => {
    expect(await new Gateway().keeps({ 'cache-control': 'public, max-age=600' }, {}, {}, status)).toBe(false);
  });

  it('that is too large, or broke off', async () => {
    const gateway = new Gateway({}, { maxEntryBytes: 2_000 });
    await gateway.ask({}, {}, Buffer.alloc(2_001));
    expect((await gateway.ask()).isKept).toBe(false);
    await gateway.ask({ path: '/long' }, { 'content-length': '2001' }, Buffer.alloc(10));
    expect((await gateway.ask({ path: '/long' })).isKept).toBe(false);
    gateway.begin({ path: '/cut' }).exchange.answered(200, {}, BODY, false);
    expect((await gateway.ask({ path: '/cut' })).isKept).toBe(false);
  });

  it('beyond what the service itself allows', async () => {
    const gateway = new Gateway();
    await gateway.ask({}, { 'cache-control': 'max-age=600, s-maxage=10' });
    gateway.now += 9_000;
    expect((await gateway.ask()).isKept).toBe(true);
    gateway.now += 1_000;
    expect((await gateway.ask()).isKept).toBe(false);
  });

  it('beyond what the route allows', async () => {
    const gateway = new Gateway();
    await gateway.ask({}, { 'cache-control': 'max-age=86400' });
    gateway.now += 60_000;
    expect((await gateway.ask()).isKept).toBe(false);
  });
});

describe('a request that nobody shares', () => {
  it.each<[string, ExchangeOptions]>([
    ['brings a body', { headers: { 'content-length': '7' } }],
    ['brings a body of unknown length', { headers: { 'transfer-encoding': 'chunked' } }],
    ['is signed in with the service itself', { headers: { authorization: 'Basic dXNlcjpwYXNz' } }],
    ['has a query that is no text', { query: 'a=%ff' }],
    ['wants nothing kept', { headers: { 'cache-control': 'no-store' } }],
    ['depends on a version', { headers: { 'if-match': '"3"' } }],
  ])('%s', async (_what, options) => {
    const gateway = new Gateway();
    await gateway.ask();
    const { isKept, told, exchange } = await gateway.ask(options);
    expect([isKept, told]).toEqual([false, 'ebb; fwd=bypass']);
    expect(exchange.forwarded.size).toBe(0);
    expect(gateway.cache.store.entries).toBe(1);
  });

  it('may want a fresh answer, which others get then', async () => {
    const gateway = new Gateway();
    await gateway.ask();
    for (const headers of [{ 'cache-control': 'no-cache' }, { 'cache-control': 'max-age=0' }, { pragma: 'no-cache' }]) {
      const { isKept, told } = await gateway.ask({ headers }, {}, Buffer.from('new'));
      expect([isKept, told]).toEqual([false, 'ebb; fwd=request']);
    }
    expect((await gateway.ask()).own).toMatchObject({ body: Buffer.from('new') });
  });
});

describe('somebody who wants others to get a wrong answer', () => {
  it.each([
    'accept',
    'accept-encoding',
    'accept-language',
    'cookie',
    'forwarded',
    'if-none-match',
    'origin',
    'range',
    'referer',
    'user-agent',
    'x-forwarded-host',
    'x-forwarded-scheme',
    'x-http-method-override',
    'x-original-url',
    'x-rewrite-url',
  ])('cannot tell the service anything with %s', async (name) => {
    const { exchange } = await new Gateway().ask({ headers: { [name]: 'evil' } });
    expect(exchange.forwarded.has(name)).toBe(true);
    expect(exchange.forwarded.get(name)).toBeUndefined();
  });

  it('gets an answer of their own by a header that counts', async () => {
    const gateway = new Gateway({ vary: ['accept-language'] });
    const german = { headers: { 'accept-language': 'de' } };
    const { exchange } = await gateway.ask(german, { vary: 'Accept-Language, Accept-Encoding' });
    expect(exchange.forwarded.has('accept-language')).toBe(false);
    expect(exchange.added.vary).toBe('accept-language');
    expect((await gateway.ask(german)).isKept).toBe(true);
    expect((await gateway.ask({ headers: { 'accept-language': 'fr' } })).isKept).toBe(false);
    expect((await gateway.ask()).isKept).toBe(false);
  });

  it('does not leave what was said to them alone', async () => {
    const gateway = new Gateway();
    await gateway.ask({}, { 'access-control-allow-origin': 'https://evil.test', 'x-request-id': 'theirs' });
    const { own } = await gateway.ask();
    expect(own?.kind === 'answer' && Object.keys(own.headers).sort()).toEqual(['age', 'cache-control', 'etag']);
  });

  it('cannot pass for somebody else by a clever name', async () => {
    const gateway = new Gateway({ per: 'user' });
    await gateway.ask({ caller: caller('a","b') });
    expect((await gateway.ask({ caller: caller('a'), query: 'b=' })).isKept).toBe(false);
    expect((await gateway.ask({ caller: caller('a","b', { issuer: 'urn:b' }) })).isKept).toBe(false);
  });
});

describe('answers for one user alone', () => {
  it.each<[string, Partial<RouteCache>, ExchangeOptions]>([
    ['because the route says so', { per: 'user' }, {}],
    ['because they had to sign in, whatever the route says', { per: 'everyone' }, { route: { access: 'signed-in' } }],
    ['because of who they are', { per: 'everyone' }, { route: { access: { owner: 'thingId' } } }],
  ])('%s', async (_why, rule, options) => {
    const gateway = new Gateway(rule);
    const { head, exchange } = await gateway.ask({ ...options, caller: caller('ann') });
    expect(head?.headers['cache-control']).toBe('private, max-age=60');
    expect(exchange.added.vary).toBe('authorization');
    expect((await gateway.ask({ ...options, caller: caller('ann') })).isKept).toBe(true);
    expect((await gateway.ask({ ...options, caller: caller('bob') })).isKept).toBe(false);
    expect((await gateway.ask(options)).isKept).toBe(false);
  });

  it('may be private, and still are kept for them', async () => {
    const ann = { caller: caller('ann') };
    expect(await new Gateway({ per: 'user' }).keeps({ 'cache-control': 'private' }, ann)).toBe(true);
  });

  it('are not those of a token that shows more', async () => {
    const gateway = new Gateway({ per: 'user' });
    await gateway.ask({ caller: caller('ann', { roles: ['admin'] }) });
    expect((await gateway.ask({ caller: caller('ann') })).isKept).toBe(false);
  });
});

describe('many who ask the same at once', () => {
  it('wait for one answer', async () => {
    const gateway = new Gateway();
    const leader = gateway.begin();
    expect(leader.verdict).toBeUndefined();
    const followers = Array.from({ length: 50 }, () => gateway.begin());
    leader.exchange.answered(200, {}, BODY);
    for (const { exchange, verdict } of followers) {
      expect(await verdict).toMatchObject({ status: 200, body: BODY });
      expect(exchange.added['cache-status']).toBe('ebb; fwd=miss; collapsed');
    }
    expect(gateway.cache.flights.size).toBe(0);
  });

  it('ask one after the other while it comes to nothing', async () => {
    const gateway = new Gateway();
    const leader = gateway.begin();
    const [second, third] = [gateway.begin(), gateway.begin()];
    leader.exchange.ended();
    expect(await second.verdict).toBeUndefined();
    second.exchange.answered(200, {}, BODY);
    expect(await third.verdict).toMatchObject({ status: 200 });
  });

  it('ask each for themselves when the answer is for one alone, and nobody waits for the next', async () => {
    const gateway = new Gateway();
    const leader = gateway.begin();
    const followers = [gateway.begin(), gateway.begin()];
    leader.exchange.answered(200, { 'set-cookie': ['a=1'] }, BODY);
    for (const { verdict } of followers) expect(await verdict).toBeUndefined();
    expect(gateway.begin().verdict).toBeUndefined();
  });

  it('do not wait for ever, and those who come later not at all', async () => {
    const gateway = new Gateway({}, { patienceMs: 1 });
    const leader = gateway.begin();
    const follower = gateway.begin();
    expect(await follower.verdict).toBeUndefined();
    leader.exchange.ended();
    const next = gateway.begin();
    follower.exchange.answered(200, {}, BODY);
    expect((await gateway.ask()).isKept).toBe(true);
    await next.verdict;
  });

  it('do not wait any longer than their client', async () => {
    const gateway = new Gateway();
    gateway.begin();
    const gone = new AbortController();
    const follower = gateway.begin({ signal: gone.signal });
    gone.abort();
    expect(await follower.verdict).toBeUndefined();
    expect(gateway.cache.flights.size).toBe(1);
  });

  it('take no more memory than there is for it', async () => {
    const gateway = new Gateway({}, { maxBytes: 10_000, maxEntryBytes: 5_000 });
    expect(gateway.cache.collect(9_000)).toBe(true);
    await gateway.ask({ path: '/a' }, {}, Buffer.alloc(2_000));
    expect(gateway.cache.store.entries).toBe(0);
    gateway.cache.release(9_000);
    await gateway.ask({ path: '/b' }, {}, Buffer.alloc(2_000));
    expect(gateway.cache.store.entries).toBe(1);
    expect(gateway.cache.collect(10_000)).toBe(true);
  });
});

describe('what changed', () => {
  const watching: Partial<RouteCache> = {
    invalidatedBy: [{ event: 'thing.changed', param: 'thingId' }, { event: 'all.changed' }].map(({ event, param }) => ({
      type: event,
      ...(param !== undefined && { param }),
    })),
  };

  it('is forgotten when an event says so', async () => {
    const gateway = new Gateway(watching);
    const one = { path: '/things/1', params: { thingId: '1' } };
    const two = { path: '/things/2', params: { thingId: '2' } };
    const { head } = await gateway.ask(one);
    expect(head?.headers['cache-control']).toBe('public, no-cache');
    await gateway.ask(two);
    gateway.cache.happened('thing.changed', ['1']);
    gateway.cache.happened('other.changed', ['2']);
    expect((await gateway.ask(one)).isKept).toBe(false);
    expect((await gateway.ask(two)).isKept).toBe(true);
    gateway.cache.happened('all.changed', ['whatever']);
    expect((await gateway.ask(two)).isKept).toBe(false);
  });

  it('is not kept when it was asked for before, nor given to those who ask after', async () => {
    const gateway = new Gateway(watching);
    const before = gateway.begin();
    const alsoBefore = gateway.begin();
    gateway.cache.happened('thing.changed', ['1']);
    const after = gateway.begin();
    expect(after.verdict).toBeUndefined();
    before.exchange.answered(200, {}, Buffer.from('old'));
    expect(await alsoBefore.verdict).toMatchObject({ body: Buffer.from('old') });
    after.exchange.answered(200, {}, Buffer.from('new'));
    expect((await gateway.ask()).own).toMatchObject({ body: Buffer.from('new') });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is forgotten after a %s of the same path', async (method) => {
    const gateway = new Gateway();
    await gateway.ask({ query: 'page=1' });
    await gateway.ask({ query: 'page=2' });
    await gateway.ask({ path: '/things/2' });
    await gateway.ask({ method, route: { id: `${method} /things/:thingId` } }, {}, BODY, 200);
    expect((await gateway.ask({ query: 'page=1' })).isKept).toBe(false);
    expect((await gateway.ask({ query: 'page=2' })).isKept).toBe(false);
    expect((await gateway.ask({ path: '/things/2' })).isKept).toBe(true);
  });

  it('did not when the service refused', async () => {
    const gateway = new Gateway();
    await gateway.ask();
    for (const status of [400, 403, 404, 412, 429]) await gateway.ask({ method: 'PATCH' }, {}, BODY, status);
    expect((await gateway.ask()).isKept).toBe(true);
  });

  it('may have when there was no answer', async () => {
    for (const fail of [
      (exchange: TestExchange) => exchange.ended(),
      (exchange: TestExchange) => void exchange.answered(500, {}),
    ]) {
      const gateway = new Gateway();
      await gateway.ask();
      fail(gateway.begin({ method: 'PATCH' }).exchange);
      expect((await gateway.ask()).isKept).toBe(false);
    }
  });
});

it('streams, upgrades and routes without a rule are let alone', async () => {
  const gateway = new Gateway();
  for (const route of [{ stream: true }, { cache: undefined as never }]) {
    const { exchange, verdict } = gateway.begin({ route });
    expect(await verdict).toBeUndefined();
    expect([exchange.forwarded.size, exchange.added]).toEqual([0, {}]);
  }
});
