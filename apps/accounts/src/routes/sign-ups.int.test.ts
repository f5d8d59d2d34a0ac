import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChallengeIssued, UserRegistered } from '@ebb/schemas';
import { hashesDuring, PASSWORD, seenIn, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const verify = (token: string | undefined) => drive.post('/verifications', { token: token ?? 'none' });
const countUsers = async (emailKey: string): Promise<number> => {
  const rows = await drive.service.db`select from users where email_key = ${emailKey}`;
  return rows.length;
};

describe('POST /sign-ups', () => {
  it('opens an account, once its owner has used the token', async () => {
    const reply = await drive.signUp('ada@example.com');
    expect(reply).toMatchObject({ status: 202, text: '' });
    expect(reply.emitted).toMatchObject([{ type: ChallengeIssued.type, data: { purpose: 'verification' } }]);
    expect((await drive.signIn('ada@example.com')).status).toBe(403);

    const message = await drive.mailed(reply);
    expect(message).toMatchObject({ email: 'ada@example.com', purpose: 'verification' });
    expect(await verify(message?.token)).toMatchObject({ status: 200, emitted: [{ type: UserRegistered.type }] });
    expect((await drive.signIn('ada@example.com')).status).toBe(201);
  });

  it('answers the same, after the same work, whether there is an account or not', async () => {
    await drive.opened('known@example.com');
    await drive.signUp('pending@example.com');
    const seen: unknown[] = [];
    for (const email of ['new@example.com', 'pending@example.com', 'known@example.com']) {
      const hashes = await hashesDuring(async () => seen.push(seenIn(await drive.signUp(email))));
      expect(hashes).toBe(1);
    }
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  });

  it('tells the owner of an account of the attempt, and changes nothing', async () => {
    await drive.opened('owner@example.com');
    const reply = await drive.signUp('Owner@EXAMPLE.com', 'another long password');
    const message = await drive.mailed(reply);
    expect(message).toMatchObject({ email: 'owner@example.com', purpose: 'sign-up-hint' });
    expect(message).not.toHaveProperty('token');
    expect((await drive.signIn('owner@example.com', { password: 'another long password' })).status).toBe(401);
    expect((await drive.signIn('owner@example.com')).status).toBe(201);
  });

  it('opens one account when a hundred sign up with one address at the same time, and writes at most three mails', async () => {
    const spelt = ['crowd@example.com', 'CROWD@example.com', 'Crowd@Example.Com', ' crowd@example.com'];
    const replies = await Promise.all(Array.from({ length: 100 }, (_, at) => drive.signUp(spelt[at % 4]!)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    expect(await countUsers('crowd@example.com')).toBe(1);
    expect(replies.flatMap(({ emitted }) => emitted)).toHaveLength(3);
  });

  it('puts a password into the account only by the token of its own mail', async () => {
    const stranger = await drive.mailed(await drive.signUp('victim@example.com', 'the password of a stranger'));
    const owner = await drive.mailed(await drive.signUp('victim@example.com'));
    expect((await verify(owner?.token)).status).toBe(200);
    expect((await drive.signIn('victim@example.com')).status).toBe(201);
    expect((await drive.signIn('victim@example.com', { password: 'the password of a stranger' })).status).toBe(401);
    expect((await verify(stranger?.token)).status).toBe(404);
  });

  it('knows an address with an internationalized domain by either form', async () => {
    await drive.opened('ada@bücher.example');
    const message = await drive.mailed(await drive.signUp('ada@xn--bcher-kva.example'));
    expect(message).toMatchObject({ purpose: 'sign-up-hint', email: 'ada@xn--bcher-kva.example' });
  });

  it.each([
    ['a role', { email: 'a@example.com', password: PASSWORD, roles: ['admin'] }, '/roles'],
    [
      'an id',
      { email: 'a@example.com', password: PASSWORD, userId: '0198b2f0-6f1c-7c3e-9d5a-2a7d41c09b11' },
      '/userId',
    ],
    ['no address', { password: PASSWORD }, '/email'],
    ['an address that is none', { email: 'a@localhost', password: PASSWORD }, '/email'],
    ['two lines as an address', { email: 'a@example.com\r\nBcc: b@example.com', password: PASSWORD }, '/email'],
    ['a short password', { email: 'a@example.com', password: 'short' }, '/password'],
    ['a common password', { email: 'a@example.com', password: 'password1234' }, '/password'],
    ['its address as password', { email: 'someone.there@example.com', password: 'someone.there' }, '/password'],
    ['an operator as password', { email: 'a@example.com', password: { $ne: '' } }, '/password'],
    ['two lines as a name', { email: 'a@example.com', password: PASSWORD, name: 'a\nb' }, '/name'],
  ])('answers 422 to %s, and says where', async (_what, body, path) => {
    const reply = await drive.post('/sign-ups', body);
    const { violations } = reply.json() as { violations: { path: string }[] };
    expect(reply).toMatchObject({ status: 422, emitted: [] });
    expect(violations.map((each) => each.path)).toEqual([path]);
    expect(reply.text).not.toContain(PASSWORD);
  });
});

describe('POST /verifications', () => {
  it('takes a token once, also when it comes twenty times at the same time', async () => {
    const message = await drive.mailed(await drive.signUp('once@example.com'));
    const replies = await Promise.all(Array.from({ length: 20 }, () => verify(message?.token)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(404)]);
    expect(replies.flatMap(({ emitted }) => emitted)).toHaveLength(1);
    expect((await verify(message?.token)).status).toBe(404);
  });

  it('takes none that ran out', async () => {
    const late = await drive.mailed(await drive.signUp('late@example.com'));
    await drive.service.advance('25h');
    expect((await verify(late?.token)).status).toBe(404);
    expect(await drive.mailed(await drive.signUp('late@example.com'))).toBeDefined();
  });

  it('takes none of another purpose, nor what somebody made up', async () => {
    await drive.opened('reset@example.com');
    const reset = await drive.mailed(await drive.post('/password-resets', { email: 'reset@example.com' }));
    const message = await drive.mailed(await drive.signUp('guess@example.com'));
    const token = message?.token ?? '';
    const others = [reset?.token, `${token}x`, token.slice(0, -1), 'x', `${token.slice(0, -3)}AAA`, '%00', '🐢'];
    for (const other of others) expect((await verify(other)).status).toBe(404);
    expect((await verify(token)).status).toBe(200);
  });
});

describe('POST /verification-mails', () => {
  const repeat = (email: string) => drive.post('/verification-mails', { email });

  it('sends the same token once more, so that whichever mail arrives will do', async () => {
    const first = await drive.mailed(await drive.signUp('again@example.com'));
    const second = await drive.mailed(await repeat('again@example.com'));
    expect(second).toEqual(first);
    expect((await verify(first?.token)).status).toBe(200);
  });

  it('sends three within an hour, and then no more for a while', async () => {
    await drive.signUp('impatient@example.com');
    const replies = [];
    for (let asked = 0; asked < 4; asked += 1) replies.push(await repeat('impatient@example.com'));
    expect(replies.map(({ status, emitted }) => [status, emitted.length])).toEqual([
      [202, 1],
      [202, 1],
      [202, 0],
      [202, 0],
    ]);
    await drive.service.advance('61m');
    expect((await repeat('impatient@example.com')).emitted).toHaveLength(1);
  });

  it('answers the same where there is nothing to be sent', async () => {
    await drive.opened('done@example.com');
    await drive.signUp('open@example.com');
    const [nobody, done, open] = [
      await repeat('nobody@example.com'),
      await repeat('done@example.com'),
      await repeat('open@example.com'),
    ];
    expect([nobody.emitted, done.emitted]).toEqual([[], []]);
    expect(seenIn(nobody)).toEqual(seenIn(open));
    expect(seenIn(done)).toEqual(seenIn(open));
  });
});
