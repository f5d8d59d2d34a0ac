import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionRevoked, UserRegistered, UserUpdated } from '@ebb/schemas';
import { hashesDuring, PASSWORD, seenIn, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const NEW = 'eight boats in the harbour';
const ask = (email: string) => drive.post('/password-resets', { email });
const reset = (token: string | undefined, password = NEW) =>
  drive.send('PUT', '/password-resets', { body: { token: token ?? 'none', password } });

describe('a password that was forgotten', () => {
  it('is replaced with the token of a mail, and everybody is signed out', async () => {
    const { email, userId } = await drive.opened('forgot@example.com');
    const before = await drive.signedIn(email);
    const message = await drive.mailed(await ask(email));
    expect(message).toMatchObject({ email, purpose: 'password-reset' });
    const reply = await reset(message?.token);
    expect(reply).toMatchObject({
      status: 204,
      emitted: [
        { type: UserUpdated.type, data: { userId, changed: ['password'] } },
        { type: SessionRevoked.type, data: { userId, sessionIds: [before.sessionId], reason: 'password-reset' } },
      ],
    });
    expect((await drive.refresh(before.refreshToken)).status).toBe(401);
    expect((await drive.signIn(email)).status).toBe(401);
    expect((await drive.signIn(email, { password: NEW })).status).toBe(201);
  });

  it('is asked for with the same answer whether there is an account or not', async () => {
    const { email } = await drive.opened('there@example.com');
    let seen: unknown[] = [];
    const hashes = await hashesDuring(async () => {
      const replies = [await ask(email), await ask('not-there@example.com')];
      expect(replies.map(({ emitted }) => emitted.length)).toEqual([1, 0]);
      seen = replies.map(seenIn);
    });
    expect(seen[0]).toEqual(seen[1]);
    expect(hashes).toBe(0);
  });

  it('leads to three mails within an hour, however many ask', async () => {
    const { email } = await drive.opened('flooded@example.com');
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(email)));
    expect(replies.flatMap(({ emitted }) => emitted)).toHaveLength(3);
  });

  it('takes each token once, also when it comes ten times at the same time; then no earlier one either', async () => {
    const { email } = await drive.opened('twice@example.com');
    const [first, second] = [await drive.mailed(await ask(email)), await drive.mailed(await ask(email))];
    const replies = await Promise.all(Array.from({ length: 10 }, () => reset(second?.token)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, ...Array<number>(9).fill(404)]);
    expect((await reset(first?.token)).status).toBe(404);
  });

  it('takes no token that ran out, none of a sign-up, and none that was made up', async () => {
    const { email } = await drive.opened('slow@example.com');
    const late = await drive.mailed(await ask(email));
    const other = await drive.mailed(await drive.signUp('other@example.com'));
    await drive.service.advance('61m');
    for (const token of [late?.token, other?.token, 'x']) expect((await reset(token)).status).toBe(404);
    expect((await drive.signIn(email)).status).toBe(201);
  });

  it('keeps the token when the new password will not do', async () => {
    const { email } = await drive.opened('weak@example.com');
    const message = await drive.mailed(await ask(email));
    expect((await reset(message?.token, 'password1234')).status).toBe(422);
    expect((await reset(message?.token)).status).toBe(204);
  });

  it('verifies the address, of which that mail is proof', async () => {
    const stranger = await drive.mailed(await drive.signUp('taken@example.com', 'the password of a stranger'));
    const message = await drive.mailed(await ask('taken@example.com'));
    expect(await reset(message?.token)).toMatchObject({ status: 204, emitted: [{ type: UserRegistered.type }] });
    expect((await drive.signIn('taken@example.com', { password: NEW })).status).toBe(201);
    expect((await drive.post('/verifications', { token: stranger?.token ?? '' })).status).toBe(404);
  });

  it('opens a lock no sooner, and asks for the second factor as before', async () => {
    const { email, userId } = await drive.opened('careful@example.com');
    await drive.service.db`
      insert into totp (user_id, secret, confirmed_at) values (${userId}, ${Buffer.alloc(20)}, now())`;
    await reset((await drive.mailed(await ask(email)))?.token);
    const reply = await drive.signIn(email, { password: NEW });
    expect(reply.status).toBe(401);
    expect(reply.json()).toMatchObject({ secondFactor: 'totp' });
  });
});

describe('PUT /password', () => {
  const change = (as: Awaited<ReturnType<AccountsDrive['signedIn']>>, currentPassword: string, password = NEW) =>
    drive.send('PUT', '/password', { as, body: { currentPassword, password } });

  it('changes it, and signs out everywhere else', async () => {
    const { email, userId } = await drive.opened('changes@example.com');
    const [here, there] = [await drive.signedIn(email), await drive.signedIn(email)];
    const pending = await drive.mailed(await ask(email));
    expect(await change(here, PASSWORD)).toMatchObject({
      status: 204,
      emitted: [
        { type: UserUpdated.type },
        { type: SessionRevoked.type, data: { userId, sessionIds: [there.sessionId], reason: 'password-changed' } },
      ],
    });
    expect((await drive.refresh(here.refreshToken)).status).toBe(200);
    expect((await drive.refresh(there.refreshToken)).status).toBe(401);
    expect((await reset(pending?.token)).status).toBe(404);
    expect((await drive.signIn(email, { password: NEW })).status).toBe(201);
  });

  it('is not for whoever has only the access token, and counts their guesses', async () => {
    const { email } = await drive.opened('stolen@example.com');
    const tokens = await drive.signedIn(email);
    const guess = await change(tokens, 'a guess of the password');
    expect(guess).toMatchObject({ status: 403, emitted: [{ data: { reason: 'password', failures: 1 } }] });
    expect(await change(tokens, 'another guess of it')).toMatchObject({ emitted: [{ data: { failures: 2 } }] });
    // Knowing the password does not wash guesses of a code away.
    expect((await change(tokens, PASSWORD, PASSWORD)).status).toBe(204);
    expect(await change(tokens, 'a third guess of it')).toMatchObject({ emitted: [{ data: { failures: 3 } }] });
  });

  it('refuses a weak one, the address, and a field that it does not know', async () => {
    const { email } = await drive.opened('picky.person@example.com');
    const as = await drive.signedIn(email);
    expect((await change(as, PASSWORD, 'qwertyuiop123')).status).toBe(422);
    expect((await change(as, PASSWORD, email)).status).toBe(422);
    const body = { currentPassword: PASSWORD, password: NEW, userId: 'somebody' };
    expect((await drive.send('PUT', '/password', { as, body })).status).toBe(422);
  });
});
