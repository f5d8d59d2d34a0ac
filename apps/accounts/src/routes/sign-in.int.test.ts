import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LoginFailed } from '@ebb/schemas';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import {
  claimsOf,
  CONFIG,
  hashesDuring,
  PASSWORD,
  seenIn,
  startAccounts,
  type AccountsDrive,
} from '../accounts.fixture.ts';
import type { Tokens } from '../actions/tokens.ts';
import { hashPassword } from '../crypto/password-hash.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const wrong = (email: string, from?: string) =>
  drive.signIn(email, { password: 'not the right one', ...(from !== undefined && { from }) });
/** Addresses of their own, so that no test locks another one out. */
let lastClient = 0;
const elsewhere = (): string => `198.51.100.${(lastClient += 1)}`;

describe('POST /sessions', () => {
  it('gives an access token that others can verify, and a refresh token', async () => {
    const { userId } = await drive.opened('ada@example.com');
    const reply = await drive.signIn('ada@example.com');
    const tokens = reply.json() as Tokens;
    expect(reply).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(tokens).toMatchObject({ userId, tokenType: 'Bearer', expiresIn: 300 });

    const keys = (await drive.send('GET', '/.well-known/jwks.json')).json() as JSONWebKeySet;
    const verified = await jwtVerify(tokens.accessToken, createLocalJWKSet(keys), {
      issuer: 'urn:ebb:accounts',
      audience: 'ebb',
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
    });
    expect(verified.payload).toMatchObject({ sub: userId, sid: tokens.sessionId, roles: ['user'], scope: 'account' });
    expect(verified.payload.exp! - verified.payload.iat!).toBe(300);
    expect(JSON.stringify(verified.payload)).not.toContain('example.com');
  });

  it('answers the same, after the same work, to a wrong password and to an address that nobody has', async () => {
    await drive.opened('known@example.com');
    await drive.signUp('unverified@example.com');
    const seen: unknown[] = [];
    for (const email of ['known@example.com', 'unverified@example.com', 'nobody@example.com']) {
      const hashes = await hashesDuring(async () => seen.push(seenIn(await wrong(email))));
      expect(hashes).toBe(1);
    }
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
    expect(seen[0]).toMatchObject({ status: 401 });
  });

  it('says that an address is not verified only to whoever has the password', async () => {
    await drive.signUp('hasty@example.com');
    expect((await wrong('hasty@example.com')).status).toBe(401);
    expect((await drive.signIn('hasty@example.com')).status).toBe(403);
  });

  it('tells of failures without saying whose address it was', async () => {
    const { userId } = await drive.opened('told@example.com');
    const [
      {
        emitted: [known],
      },
      {
        emitted: [again],
      },
      {
        emitted: [unknown],
      },
    ] = [await wrong('told@example.com'), await wrong('TOLD@example.com'), await wrong('stranger@example.com')];
    expect(known).toMatchObject({
      type: LoginFailed.type,
      subject: userId,
      data: { userId, reason: 'password', failures: 1 },
    });
    expect(again).toMatchObject({ data: { failures: 2, login: (known?.data as { login: string }).login } });
    expect(unknown).toMatchObject({ type: LoginFailed.type, data: { reason: 'password', failures: 1 } });
    expect(unknown?.data).not.toHaveProperty('userId');
    expect(JSON.stringify([known, unknown])).not.toContain('example.com');
  });

  it('hashes a password anew when it was hashed with other parameters', async () => {
    const { userId } = await drive.opened('old@example.com');
    const old = await hashPassword(PASSWORD, { ln: 2, r: 8, p: 1 });
    await drive.service.db`update users set password_hash = ${old} where user_id = ${userId}`;
    expect((await drive.signIn('old@example.com')).status).toBe(201);
    const [row] = await drive.service.db<{
      password_hash: string;
    }>`select password_hash from users where user_id = ${userId}`;
    expect(row?.password_hash).toMatch(/^\$scrypt\$ln=1,r=8,p=3\$/);
    expect((await drive.signIn('old@example.com')).status).toBe(201);
  });

  it('keeps no more than fifty sessions of a user', async () => {
    const { userId, email } = await drive.opened('script@example.com');
    const first = await drive.signedIn(email);
    await drive.service.advance('1m');
    await drive.service.db`
      insert into sessions (session_id, user_id, secret_hash, expires_at, ends_at, device, client_hash)
      select gen_random_uuid(), user_id, secret_hash, expires_at, ends_at, device, client_hash
      from sessions, generate_series(1, 49) where user_id = ${userId}`;
    expect((await drive.refresh(first.refreshToken)).status).toBe(200);
    await drive.service.advance('1m');
    expect((await drive.signIn(email)).emitted).toMatchObject([{ data: { reason: 'too-many-sessions' } }]);
    const rows = await drive.service.db`select from sessions where user_id = ${userId} and revoked_at is null`;
    expect(rows).toHaveLength(50);
  });

  it.each([
    ['a role', { email: 'a@example.com', password: PASSWORD, roles: ['admin'] }],
    ['an operator', { email: { $gt: '' }, password: { $gt: '' } }],
    ['a list', { email: ['a@example.com'], password: PASSWORD }],
    ['a password of a megabyte', { email: 'a@example.com', password: 'x'.repeat(2_000) }],
  ])('answers 422 to %s', async (_what, body) => {
    expect((await drive.post('/sessions', body)).status).toBe(422);
  });
});

interface Lock {
  readonly failures: number;
  readonly seconds: number;
}

/** What one more failure leads to. */
async function failOnce(email: string, from = elsewhere()): Promise<Lock & { readonly login: string }> {
  const { status, emitted } = await wrong(email, from);
  expect(status).toBe(401);
  const { login } = emitted[0]?.data as { login: string };
  const [lock] = await drive.service.db<Lock>`
    select failures, round(extract(epoch from locked_until - last_at))::int as seconds
    from lockouts where subject = ${`account ${login}`}`;
  return { failures: 0, seconds: 0, ...lock, login };
}

/** One more failure after so many, whose lock is over. */
async function failAfter(failures: number, email: string, login: string): Promise<Lock> {
  await drive.service.db`
    update lockouts set failures = ${failures}, locked_until = now() where subject = ${`account ${login}`}`;
  const { failures: counted, seconds } = await failOnce(email);
  return { failures: counted, seconds };
}

/** So many failures that the lock is longer than any machine takes for a test. */
async function lockOut(email: string): Promise<void> {
  const { login } = await failOnce(email);
  await failAfter(30, email, login);
}

describe('the lock after failures', () => {
  it.each([
    ['of an account', 'locked@example.com'],
    ['of an address that nobody has', 'no-one@example.com'],
  ])('%s comes after ten, doubles, and always ends', async (_what, email) => {
    if (email.startsWith('locked')) await drive.opened(email);
    const { login } = await failOnce(email);
    const locks: Lock[] = [];
    for (const before of [0, 8, 9, 10, 14, 18, 19, 20, 1_000_000]) locks.push(await failAfter(before, email, login));
    expect(locks).toEqual([
      { failures: 1, seconds: 0 },
      { failures: 9, seconds: 0 },
      { failures: 10, seconds: 1 },
      { failures: 11, seconds: 2 },
      { failures: 15, seconds: 32 },
      { failures: 19, seconds: 512 },
      { failures: 20, seconds: 900 },
      { failures: 21, seconds: 900 },
      { failures: 1_000_001, seconds: 900 },
    ]);
    const locked = await drive.signIn(email, { from: elsewhere() });
    expect(locked).toMatchObject({ status: 429, emitted: [] });
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(locked.headers['retry-after'])).toBeLessThanOrEqual(900);
  });

  it('is over when its time is, and forgotten by whoever gets in', async () => {
    const { email } = await drive.opened('patient@example.com');
    await lockOut(email);
    expect((await drive.signIn(email, { from: elsewhere() })).status).toBe(429);
    await drive.service.advance('15m');
    expect((await drive.signIn(email, { from: elsewhere() })).status).toBe(201);
    expect(await failOnce(email)).toMatchObject({ failures: 1, seconds: 0 });
  });

  it('counts a hundred guesses at the same time as a hundred', async () => {
    const { email } = await drive.opened('guessed@example.com');
    const froms = Array.from({ length: 100 }, elsewhere);
    let replies: { status: number }[] = [];
    const hashes = await hashesDuring(async () => {
      replies = await Promise.all(froms.map((from) => wrong(email, from)));
    });
    // Ten, and one more for each time that the doubling lock runs out while the machine is at it.
    expect(hashes).toBeGreaterThanOrEqual(10);
    expect(hashes).toBeLessThan(20);
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(hashes);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(100 - hashes);
  });

  it('does not count what was never compared, because something here failed', async () => {
    const { email, userId } = await drive.opened('unlucky@example.com');
    await drive.service.db`update users set password_hash = 'none that there is' where user_id = ${userId}`;
    expect((await drive.signIn(email, { from: elsewhere() })).status).toBe(500);
    expect(
      await drive.service.db`select from lockouts where failures > 0 and last_at = (select max(last_at) from lockouts)`,
    ).toEqual([]);
  });

  it('does not keep out whoever signed in from there before', async () => {
    const { email } = await drive.opened('attacked@example.com');
    const home = elsewhere();
    expect((await drive.signIn(email, { from: home })).status).toBe(201);
    await lockOut(email);
    expect((await drive.signIn(email, { from: elsewhere() })).status).toBe(429);
    expect((await drive.signIn(email, { from: home })).status).toBe(201);
  });

  it('holds for a client that tries many accounts, and for no other', async () => {
    const { email } = await drive.opened('neighbour@example.com');
    const from = elsewhere();
    const victims = Array.from({ length: 50 }, (_, at) => `victim-${at}@example.com`);
    const replies = await Promise.all(victims.map((victim) => wrong(victim, from)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    await drive.service
      .db`update lockouts set failures = 100, locked_until = now() where subject like 'client %' and failures >= 50`;
    expect((await wrong('one-more@example.com', from)).status).toBe(401);
    expect((await drive.signIn(email, { from })).status).toBe(429);
    expect((await drive.signIn(email, { from: elsewhere() })).status).toBe(201);
    await drive.service.advance('5m');
    expect((await drive.signIn(email, { from })).status).toBe(201);
  });

  it('knows nobody’s address', async () => {
    const rows = await drive.service.db`select * from lockouts`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/example\.com|198\.51/);
  });
});

describe('the first administrator', () => {
  it('is whom the settings name, as long as there is none', async () => {
    const { userId } = await drive.opened(CONFIG.ADMIN_EMAILS[0]);
    expect(claimsOf(await drive.signedIn(CONFIG.ADMIN_EMAILS[0])).roles).toEqual(['user', 'admin']);
    const [entry] = await drive.service.db`select * from audit_trail where action = 'role.granted'`;
    expect(entry).toMatchObject({ user_id: userId, actor_id: null, detail: { role: 'admin', by: 'ADMIN_EMAILS' } });
  });
});
