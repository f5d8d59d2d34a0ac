import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import { fetchKeySetFrom, type FetchKeySet } from './fetch-key-set.ts';
import { TestIssuer } from './issuer.fixture.ts';
import { KeySet } from './key-set.ts';
import { KeysAwayError, TokenRefusedError } from './token-problem.ts';
import { Verifier } from './verifier.ts';

const MAX_AGE_MS = 600_000;
const MAX_STALE_MS = 3_600_000;

let issuer: TestIssuer;
let now: number;
/** Nobody waits: time passes as soon as somebody would. */
const clock: Clock = {
  now: () => now,
  sleep: (ms) => {
    now += ms;
    return Promise.resolve();
  },
};

beforeEach(async () => {
  issuer = await TestIssuer.start();
  now = 1_000_000_000_000;
});
afterEach(() => issuer.stop());

function keySet(fetch: FetchKeySet = fetchKeySetFrom(issuer.url)): KeySet {
  const limits = { maxAgeMs: MAX_AGE_MS, maxStaleMs: MAX_STALE_MS };
  return new KeySet({ issuer: 'urn:test:issuer', fetch, ...limits, clock, logger: silentLogger });
}

const header = (kid = issuer.key.kid) => ({ alg: 'EdDSA', kid });

describe('the keys of an issuer', () => {
  it('are read once for all who wait', async () => {
    const keys = keySet();
    await Promise.all(Array.from({ length: 100 }, () => keys.keyFor(header())));
    await keys.keyFor(header());
    expect(issuer.reads).toBe(1);
  });

  it('are read again for a key that nobody knew, once for all who wait', async () => {
    const keys = keySet();
    await keys.keyFor(header());
    await issuer.rotate();
    await Promise.all(Array.from({ length: 100 }, () => keys.keyFor(header())));
    expect(issuer.reads).toBe(2);
  });

  it('are read once more when the reading under way is older than the key', async () => {
    const keys = keySet();
    const old = issuer.keys;
    const rotated = issuer.rotate();
    await rotated;
    let answer: (() => void) | undefined;
    issuer.answer = (_request, response) => {
      answer = () => response.end(JSON.stringify({ keys: old }));
    };
    const first = keys.keyFor(header()).catch((error: unknown) => error);
    await eventually(() => answer !== undefined);
    const second = keys.keyFor(header());
    issuer.answer = undefined;
    answer?.();
    await expect(second).resolves.toMatchObject({ key: expect.anything() as unknown });
    await first;
    expect(issuer.reads).toBe(2);
  });

  it('are not asked for by everybody who makes a key up', async () => {
    const keys = keySet();
    await keys.keyFor(header());
    const start = now;
    for (let kid = 0; kid < 500; kid += 1) {
      await expect(keys.keyFor(header(`made-up-${kid}`))).rejects.toThrow(TokenRefusedError);
    }
    expect(issuer.reads).toBeLessThan(10);
    // The wait for the first few moves the clock; then they are refused at once.
    expect(now - start).toBeLessThan(10_000);
    await expect(keys.keyFor(header())).resolves.toMatchObject({ key: expect.anything() as unknown });
  });

  it('are found again soon after somebody made keys up', async () => {
    const keys = keySet();
    await keys.keyFor(header());
    for (let kid = 0; kid < 500; kid += 1) await keys.keyFor(header(`made-up-${kid}`)).catch(() => undefined);
    await issuer.rotate();
    now += 30_000;
    await expect(keys.keyFor(header())).resolves.toMatchObject({ key: expect.anything() as unknown });
  });

  it('are read again beside the requests when they are old, and stay good while the issuer is away', async () => {
    const keys = keySet();
    const { snapshot } = await keys.keyFor(header());
    issuer.answer = (_request, response) => response.writeHead(503).end();
    now += MAX_AGE_MS + 1;
    await expect(keys.keyFor(header())).resolves.toMatchObject({ snapshot });
    await eventually(() => issuer.reads === 2);
    expect(keys.isCurrent(snapshot)).toBe(true);
    now += MAX_STALE_MS;
    expect(keys.isCurrent(snapshot)).toBe(false);
    await expect(keys.keyFor(header())).rejects.toThrow(KeysAwayError);
    issuer.answer = undefined;
    now += 5_000;
    await expect(keys.keyFor(header())).resolves.toMatchObject({ key: expect.anything() as unknown });
  });

  it('that were taken back prove nothing any more', async () => {
    const keys = keySet();
    const stolen = issuer.key.kid;
    const { snapshot } = await keys.keyFor(header(stolen));
    issuer.keys = [];
    await issuer.rotate();
    now += MAX_AGE_MS + 1;
    expect(keys.isCurrent(snapshot)).toBe(true);
    await eventually(() => !keys.isCurrent(snapshot));
    await expect(keys.keyFor(header(stolen))).rejects.toThrow(TokenRefusedError);
  });

  it.each<[string, TestIssuer['answer']]>([
    ['redirects', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['says 500', (_request, response) => response.writeHead(500).end()],
    ['hangs up', (request) => request.socket.destroy()],
    ['answers no JSON', (_request, response) => response.end('<html>')],
    ['answers something else', (_request, response) => response.end('{"keys":"none"}')],
    ['answers null', (_request, response) => response.end('null')],
    ['answers without end', (_request, response) => response.end(`{"keys":["${'x'.repeat(100_000)}"]}`)],
    ['has too many keys', (_request, response) => response.end(JSON.stringify({ keys: Array(51).fill({}) }))],
    ['nests deeper than anybody writes', (_request, response) => response.end('['.repeat(10_000))],
  ])('cannot be had from an issuer that %s', async (_what, answer) => {
    issuer.answer = answer;
    const keys = keySet();
    await expect(keys.keyFor(header())).rejects.toThrow(KeysAwayError);
    issuer.answer = undefined;
    now += 5_000;
    await expect(keys.keyFor(header())).resolves.toMatchObject({ key: expect.anything() as unknown });
  });

  it('that make no sense are passed over', async () => {
    issuer.keys = [null as never, { kty: 'EC' }, { kty: 'OKP', crv: 'Ed25519', kid: 'short', x: 'AA' }, ...issuer.keys];
    await expect(keySet().keyFor(header())).resolves.toMatchObject({ key: expect.anything() as unknown });
  });

  it('change under load without a request that fails', async () => {
    const limits = { clockSkewMs: 30_000, maxTokenBytes: 8_192, maxRemembered: 1_000 };
    const ages = { keysMaxAgeMs: MAX_AGE_MS, keysMaxStaleMs: MAX_STALE_MS };
    // Real time for the tokens, but nobody waits for a cooldown.
    const verifier = new Verifier({
      ...limits,
      ...ages,
      clock: { now: () => systemClock.now(), sleep: () => Promise.resolve() },
      logger: silentLogger,
    });
    verifier.trust([issuer.declaration]);
    const failures: unknown[] = [];
    let verified = 0;
    for (let rotation = 0; rotation < 5; rotation += 1) {
      const work = Array.from({ length: 40 }, async (_none, each) => {
        await verifier.verify(await issuer.token({ sub: `user-${rotation}-${each}` })).catch((error: unknown) => {
          failures.push(error);
        });
        verified += 1;
      });
      await Promise.all([...work, issuer.rotate()]);
    }
    expect(failures).toEqual([]);
    expect(verified).toBe(200);
    expect(issuer.reads).toBeLessThan(20);
  });
});
