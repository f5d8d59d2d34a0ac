import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { ChallengeIssued, TidyingFellDue } from '@ebb/schemas';
import { exampleOf } from '@ebb/testing';
import { PASSWORD, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import { accounts } from '../service.ts';

let drive: AccountsDrive;

beforeAll(async () => {
  drive = await startAccounts();
});
afterAll(() => drive.service.close());

const ask = (path: string, bearer?: string) =>
  drive.service.request('GET', path, bearer === undefined ? {} : { bearer });

describe('who may know an address', () => {
  it('is a service with the token', async () => {
    const { userId } = await drive.opened('ada@example.com');
    expect((await ask(`/contacts/${userId}`, 'contact-token')).json()).toEqual({ userId, email: 'ada@example.com' });
    expect((await ask(`/contacts/${newId()}`, 'contact-token')).status).toBe(404);
  });

  it('is nobody else, and never through the gateway', async () => {
    const { userId } = await drive.opened('eve@example.com');
    const as = await drive.signedIn('eve@example.com');
    for (const path of [`/contacts/${userId}`, `/challenges/${newId()}/message`]) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, 'contact-tokem')).status).toBe(401);
      expect((await drive.send('GET', path, { as })).status).toBe(401);
    }
    const closed = accounts.routes.flatMap((route) => (route.gateway ? [] : [route.path]));
    expect(closed).toEqual(['/contacts/:userId', '/challenges/:challengeId/message']);
  });
});

describe('a message', () => {
  it('has the name of the sign-up, and is over when its token was used', async () => {
    const reply = await drive.post('/sign-ups', { email: 'bob@example.com', password: PASSWORD, name: '  Bob  ' });
    const { challengeId } = ChallengeIssued.parse(reply.emitted[0]?.data);
    const message = await drive.mailed(reply);
    expect(message).toMatchObject({ email: 'bob@example.com', name: 'Bob', purpose: 'verification' });
    await drive.post('/verifications', { token: message?.token ?? '' });
    expect((await ask(`/challenges/${challengeId}/message`, 'contact-token')).status).toBe(404);
  });
});

describe('what is written down', () => {
  it('says who somebody is in the table of users only, and in no event', async () => {
    await drive.post('/sign-ups', { email: 'grace@hopper.example', password: PASSWORD, name: 'Grace Hopper' });
    const message = await drive.mailed(await drive.post('/verification-mails', { email: 'grace@hopper.example' }));
    await drive.post('/verifications', { token: message?.token ?? '' });
    await drive.signIn('grace@hopper.example', { password: 'not the right one', from: '192.0.2.77' });
    const tokens = await drive.signedIn('grace@hopper.example');
    await drive.post('/password-resets', { email: 'grace@hopper.example' });
    await drive.send('DELETE', '/sessions', { as: tokens });

    const { rows } = await drive.service.state();
    const outbox = await drive.service.db`select event::text from outbox`;
    for (const [table, content] of [...Object.entries(rows), ['outbox', outbox] as const]) {
      const written = JSON.stringify(content);
      if (table === 'users') expect(written).toContain('grace@hopper.example');
      else expect([table, /hopper\.example|192\.0\.2\.77/i.exec(written)?.[0]]).toEqual([table, undefined]);
      if (table !== 'users' && table !== 'challenges') expect(written).not.toContain('Grace');
      expect(written).not.toContain(PASSWORD);
    }
  });
});

describe('what has long run out', () => {
  it('is removed, and nothing else', async () => {
    const { userId } = await drive.opened('stays@example.com');
    const tokens = await drive.signedIn('stays@example.com');
    await drive.signUp('never-verified@example.com');
    await drive.service.advance('10d');
    const fresh = await drive.signUp('just-now@example.com');
    expect((await drive.service.deliver('tidy-up', exampleOf(TidyingFellDue))).outcome).toBe('done');
    const { rows } = await drive.service.state();
    const keys = rows.users?.map(({ email_key: key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['stays@example.com', 'just-now@example.com']));
    expect(keys).not.toContain('never-verified@example.com');
    expect(rows.challenges).toHaveLength(1);
    expect(rows.lockouts).toEqual([]);
    expect(rows.users?.some(({ user_id: id }) => id === userId)).toBe(true);
    expect((await drive.refresh(tokens.refreshToken)).status).toBe(200);
    expect(await drive.mailed(fresh)).toBeDefined();
  });
});
