import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionRevoked } from '@ebb/schemas';
import { claimsOf, PASSWORD, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import type { Tokens } from '../actions/tokens.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const signedIn = async (email: string): Promise<Tokens> => {
  await drive.opened(email);
  return drive.signedIn(email);
};
const refreshed = async ({ refreshToken }: Tokens): Promise<Tokens> =>
  (await drive.refresh(refreshToken)).json() as Tokens;

describe('POST /sessions/refresh', () => {
  it('gives new tokens of the same session', async () => {
    const first = await signedIn('ada@example.com');
    const reply = await drive.refresh(first.refreshToken);
    const second = reply.json() as Tokens;
    expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(second).toMatchObject({ userId: first.userId, sessionId: first.sessionId });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(claimsOf(second).jti).not.toBe(claimsOf(first).jti);
    expect((await drive.refresh(second.refreshToken)).status).toBe(200);
  });

  it('ends the session when a token comes that was used: somebody has what is not theirs', async () => {
    const first = await signedIn('robbed@example.com');
    const second = await refreshed(first);
    await drive.service.advance('11m');
    expect(await drive.refresh(first.refreshToken)).toMatchObject({
      status: 401,
      emitted: [
        {
          type: SessionRevoked.type,
          data: { userId: first.userId, sessionIds: [first.sessionId], reason: 'token-reuse' },
        },
      ],
    });
    // Both the thief and the owner are out; other devices are not.
    expect((await drive.refresh(second.refreshToken)).status).toBe(401);
    expect(await drive.refresh(first.refreshToken)).toMatchObject({ status: 401, emitted: [] });
    expect((await drive.signIn('robbed@example.com')).status).toBe(201);
  });

  it('gives the same next token when the answer was lost, for a while', async () => {
    const first = await signedIn('tunnel@example.com');
    const lost = await refreshed(first);
    const again = await refreshed(first);
    expect(again.refreshToken).toBe(lost.refreshToken);
    expect((await drive.refresh(again.refreshToken)).status).toBe(200);
  });

  it('does not do so when the next one was used already', async () => {
    const first = await signedIn('older@example.com');
    const third = await refreshed(await refreshed(first));
    expect(await drive.refresh(first.refreshToken)).toMatchObject({
      status: 401,
      emitted: [{ type: SessionRevoked.type }],
    });
    expect((await drive.refresh(third.refreshToken)).status).toBe(401);
  });

  it('gives a hundred who ask at the same time the same next token', async () => {
    const first = await signedIn('tabs@example.com');
    const replies = await Promise.all(Array.from({ length: 100 }, () => drive.refresh(first.refreshToken)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const next = new Set(replies.map((reply) => (reply.json() as Tokens).refreshToken));
    expect(next.size).toBe(1);
    expect((await drive.refresh([...next][0]!)).status).toBe(200);
  });

  it('ends a session that nobody refreshes for a month', async () => {
    const tokens = await signedIn('idle@example.com');
    await drive.service.advance('30d');
    expect((await drive.refresh(tokens.refreshToken)).status).toBe(401);
  });

  it('ends every session after three months, however often it is refreshed', async () => {
    let tokens = await signedIn('long@example.com');
    for (let month = 0; month < 3; month += 1) {
      await drive.service.advance('29d');
      tokens = await refreshed(tokens);
    }
    await drive.service.advance('3d');
    expect((await drive.refresh(tokens.refreshToken)).status).toBe(401);
  });

  it('takes nothing that we did not make', async () => {
    const { refreshToken, accessToken } = await signedIn('forged@example.com');
    const bytes = Buffer.from(refreshToken, 'base64url');
    bytes[19] = 1;
    for (const token of ['x', '%00', `${refreshToken}A`, bytes.toString('base64url'), accessToken.slice(0, 90)]) {
      expect(await drive.refresh(token)).toMatchObject({ status: 401, emitted: [] });
    }
    expect((await drive.refresh(refreshToken)).status).toBe(200);
  });

  it('keeps nothing that a token could be made of', async () => {
    const { refreshToken } = await signedIn('stolen@example.com');
    const secret = Buffer.from(refreshToken, 'base64url').subarray(20, 52);
    const { rows } = await drive.service.state();
    const stored = JSON.stringify(rows, (_key, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString('hex') : value,
    );
    for (const form of [
      refreshToken,
      secret.toString('hex'),
      secret.toString('base64'),
      secret.toString('base64url'),
    ]) {
      expect(stored).not.toContain(form);
    }
  });
});

describe('the devices of a user', () => {
  it('are listed, the last used first', async () => {
    const { email, userId } = await drive.opened('devices@example.com');
    const [phone, laptop] = [await drive.signedIn(email), await drive.signedIn(email)];
    await drive.service.advance('1m');
    const used = await refreshed(phone);
    const { sessions } = (await drive.send('GET', '/sessions', { as: used })).json() as { sessions: unknown[] };
    expect(sessions).toMatchObject([
      { sessionId: phone.sessionId, device: 'a test', current: true },
      { sessionId: laptop.sessionId, current: false },
    ]);
    expect(JSON.stringify(sessions)).not.toContain(userId);
  });

  it('can be signed out one by one, and all at once', async () => {
    const { email } = await drive.opened('leaves@example.com');
    const [one, two, three] = [await drive.signedIn(email), await drive.signedIn(email), await drive.signedIn(email)];
    expect(await drive.send('DELETE', '/sessions/current', { as: one })).toMatchObject({
      status: 204,
      emitted: [{ data: { sessionIds: [one.sessionId], reason: 'signed-out' } }],
    });
    expect((await drive.refresh(one.refreshToken)).status).toBe(401);
    expect((await drive.send('DELETE', '/sessions/current', { as: one })).status).toBe(404);
    expect((await drive.send('DELETE', `/sessions/${two.sessionId}`, { as: three })).status).toBe(204);
    expect(await drive.send('DELETE', '/sessions', { as: three })).toMatchObject({
      status: 204,
      emitted: [{ data: { sessionIds: [three.sessionId], reason: 'signed-out-everywhere' } }],
    });
    expect((await drive.refresh(three.refreshToken)).status).toBe(401);
    expect(await drive.send('DELETE', '/sessions', { as: three })).toMatchObject({ status: 204, emitted: [] });
  });

  it('are nobody else’s to sign out', async () => {
    const mine = await signedIn('mine@example.com');
    const other = await signedIn('other@example.com');
    expect((await drive.send('DELETE', `/sessions/${mine.sessionId}`, { as: other })).status).toBe(404);
    expect((await drive.refresh(mine.refreshToken)).status).toBe(200);
  });

  it.each([
    ['GET', '/sessions', undefined],
    ['DELETE', '/sessions', undefined],
    ['DELETE', '/sessions/current', undefined],
    ['PUT', '/password', { currentPassword: PASSWORD, password: 'eight boats in the harbour' }],
    ['GET', '/second-factor', undefined],
    ['POST', '/second-factor', { password: PASSWORD }],
    ['POST', '/second-factor/confirmation', { code: '123456' }],
    ['POST', '/second-factor/removal', { password: PASSWORD }],
    ['POST', '/signing-keys/rotations', { reason: 'routine' }],
  ])('are for whoever is signed in, and has an account here: %s %s', async (method, path, body) => {
    const options = body === undefined ? {} : { body };
    expect((await drive.send(method, path, options)).status).toBe(401);
    const as = { subject: 'elsewhere|123', roles: ['user', 'admin'], issuer: 'https://elsewhere.example' };
    expect((await drive.service.request(method, path, { ...options, as })).status).toBe(403);
  });
});
