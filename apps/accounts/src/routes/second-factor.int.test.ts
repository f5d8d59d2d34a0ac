import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LoginFailed, UserUpdated } from '@ebb/schemas';
import { Secret, TOTP } from 'otpauth';
import { PASSWORD, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import type { Tokens } from '../actions/tokens.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const enrol = (as: Tokens, password = PASSWORD) => drive.post('/second-factor', { password }, { as });
const confirm = (as: Tokens, code: string) => drive.post('/second-factor/confirmation', { code }, { as });

interface Enrolled {
  readonly email: string;
  readonly tokens: Tokens;
  readonly totp: TOTP;
  readonly recoveryCodes: readonly string[];
}

/**
 * Codes that are not used yet: the step of now is taken by the confirmation, so the next one is of the step after it. The service takes that early;
 * by the time that the machine gets there it may just as well be on time.
 */
const codeOf = (totp: TOTP, stepsAhead: number): string =>
  totp.generate({ timestamp: Date.now() + stepsAhead * 30_000 });

/** Forgets which codes were used, as if they were of long ago. */
const forgetSteps = (userId: string) => drive.service.db`update totp set last_step = 0 where user_id = ${userId}`;

async function enrolled(email: string): Promise<Enrolled> {
  await drive.opened(email);
  const tokens = await drive.signedIn(email);
  const { secret } = (await enrol(tokens)).json() as { secret: string };
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const reply = await confirm(tokens, codeOf(totp, 0));
  const { recoveryCodes } = reply.json() as { recoveryCodes: string[] };
  return { email, tokens, totp, recoveryCodes };
}

describe('a second factor', () => {
  it('is asked for once it was confirmed, and not before', async () => {
    const { email, userId } = await drive.opened('ada@example.com');
    const tokens = await drive.signedIn(email);
    const reply = await enrol(tokens);
    const { secret, uri } = reply.json() as { secret: string; uri: string };
    expect(reply).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(uri).toContain(`otpauth://totp/Ebb:ada%40example.com?`);
    expect((await drive.signIn(email)).status).toBe(201);

    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    expect((await confirm(tokens, '000000')).status).toBe(403);
    const confirmed = await confirm(tokens, codeOf(totp, 0));
    expect(confirmed).toMatchObject({
      status: 200,
      emitted: [{ type: UserUpdated.type, data: { userId, changed: ['second-factor'] } }],
    });
    expect((confirmed.json() as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
    expect((await drive.send('GET', '/second-factor', { as: tokens })).json()).toEqual({
      enabled: true,
      recoveryCodesLeft: 10,
    });

    const without = await drive.signIn(email);
    expect(without.status).toBe(401);
    expect(without.json()).toMatchObject({ secondFactor: 'totp' });
    expect((await drive.signIn(email, { code: codeOf(totp, 1) })).status).toBe(201);
  });

  it('takes no code twice, nor one of an earlier step', async () => {
    const { email, tokens, totp } = await enrolled('replayed@example.com');
    const code = codeOf(totp, 1);
    expect((await drive.signIn(email, { code })).status).toBe(201);
    expect(await drive.signIn(email, { code })).toMatchObject({
      status: 401,
      emitted: [{ type: LoginFailed.type, data: { userId: tokens.userId, reason: 'code' } }],
    });
    expect((await drive.signIn(email, { code: codeOf(totp, 0) })).status).toBe(401);
  });

  it('takes a code once that comes eight times at the same time', async () => {
    const { email, tokens, totp } = await enrolled('raced@example.com');
    await forgetSteps(tokens.userId);
    const code = codeOf(totp, 0);
    const replies = await Promise.all(Array.from({ length: 8 }, () => drive.signIn(email, { code })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(7).fill(401)]);
  });

  it('is stood in for by a recovery code, once', async () => {
    const { email, tokens, recoveryCodes } = await enrolled('lost@example.com');
    const [first = '', second = ''] = recoveryCodes;
    expect((await drive.signIn(email, { code: first })).status).toBe(201);
    expect((await drive.signIn(email, { code: first })).status).toBe(401);
    expect((await drive.signIn(email, { code: second.replaceAll('-', ' ').toUpperCase() })).status).toBe(201);
    expect((await drive.send('GET', '/second-factor', { as: tokens })).json()).toMatchObject({ recoveryCodesLeft: 8 });
    const { rows } = await drive.service.state();
    expect(JSON.stringify(rows)).not.toContain(first.replaceAll('-', ''));
  });

  it('is of no use to anybody without the password', async () => {
    const { email, recoveryCodes } = await enrolled('half@example.com');
    const reply = await drive.signIn(email, { password: 'not the right one', code: recoveryCodes[0]! });
    expect(reply.json()).not.toHaveProperty('secondFactor');
    expect((await drive.signIn(email, { code: recoveryCodes[0]! })).status).toBe(201);
  });

  it('cannot be guessed: codes count for the lock, and right passwords in between forget none', async () => {
    const { email } = await enrolled('guessed@example.com');
    const failures: unknown[] = [];
    for (let at = 0; at < 4; at += 1) {
      const from = `203.0.113.${at}`;
      expect((await drive.signIn(email, { from })).status).toBe(401);
      const guess = await drive.signIn(email, { from, code: '000000' });
      failures.push((guess.emitted[0]?.data as { failures: number }).failures);
    }
    expect(failures).toEqual([1, 2, 3, 4]);
  });

  it('is set up only with the password, and only one at a time', async () => {
    const { email } = await drive.opened('careful@example.com');
    const tokens = await drive.signedIn(email);
    expect((await confirm(tokens, '123456')).status).toBe(409);
    expect((await enrol(tokens, 'not the right one')).status).toBe(403);
    const [one, two] = [await enrol(tokens), await enrol(tokens)];
    expect([one.status, two.status]).toEqual([201, 201]);
    const { secret } = two.json() as { secret: string };
    expect((await confirm(tokens, codeOf(new TOTP({ secret: Secret.fromBase32(secret) }), 0))).status).toBe(200);
    expect((await enrol(tokens)).status).toBe(409);
    expect((await confirm(tokens, '123456')).status).toBe(409);
  });

  it('is removed with the password and a code, and with nothing less', async () => {
    const { email, tokens, recoveryCodes } = await enrolled('done@example.com');
    const remove = (body: { password: string; code?: string }) =>
      drive.post('/second-factor/removal', body, { as: tokens });
    expect((await remove({ password: PASSWORD })).status).toBe(403);
    expect((await remove({ password: PASSWORD, code: '000000' })).status).toBe(403);
    expect((await remove({ password: 'not the right one', code: recoveryCodes[0]! })).status).toBe(403);
    expect(await remove({ password: PASSWORD, code: recoveryCodes[1]! })).toMatchObject({
      status: 204,
      emitted: [{ type: UserUpdated.type }],
    });
    expect((await remove({ password: PASSWORD })).status).toBe(404);
    expect((await drive.signIn(email)).status).toBe(201);
  });
});
