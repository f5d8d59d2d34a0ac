import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { ErasureFellDue, SessionRevoked, UserDeleted, UserRestored, UserUpdated } from '@ebb/schemas';
import { exampleOf } from '@ebb/testing';
import { startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import { ISSUER } from '../actions/access-token.ts';
import type { Tokens } from '../actions/tokens.ts';
import type { User } from '../domain/user.ts';

let drive: AccountsDrive;
let admin: Tokens;
beforeAll(async () => {
  drive = await startAccounts();
  await drive.opened('root@example.com');
  admin = await drive.signedIn('root@example.com');
});
afterAll(() => drive.service.close());

let people = 0;
async function newPerson(): Promise<Tokens & { readonly email: string }> {
  people += 1;
  const email = `person-${people}@example.com`;
  await drive.opened(email);
  return { ...(await drive.signedIn(email)), email };
}

const get = (path: string, as?: Tokens, headers: Record<string, string> = {}) =>
  drive.service.request('GET', path, { headers, ...(as && { as: callerOf(as) }) });
const callerOf = ({ userId, sessionId }: Tokens) => ({
  subject: userId,
  sessionId,
  issuer: ISSUER,
  roles: userId === admin.userId ? ['user', 'admin'] : ['user'],
});
const patch = (userId: string, as: Tokens, body: Record<string, unknown>, ifMatch?: string) =>
  drive.service.request('PATCH', `/users/${userId}`, {
    as: callerOf(as),
    body: body as never,
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });

describe('GET /users/:userId', () => {
  it('shows a user to themselves and to administrators', async () => {
    const ada = await newPerson();
    for (const as of [ada, admin]) {
      const reply = await get(`/users/${ada.userId}`, as);
      expect(reply.status).toBe(200);
      expect(reply.headers.etag).toMatch(/^"\d+"$/);
      expect(reply.headers['cache-control']).toBe('private, no-cache');
      expect(reply.json()).toMatchObject({ userId: ada.userId, email: ada.email, roles: [], status: 'active' });
      expect(reply.text).not.toMatch(/password|hash|version/i);
    }
  });

  it('answers 304 to whoever has it already', async () => {
    const { headers } = await get(`/users/${admin.userId}`, admin);
    const again = await get(`/users/${admin.userId}`, admin, { 'if-none-match': headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it('knows nobody by an id that nobody has', async () => {
    expect(await get(`/users/${newId()}`, admin)).toMatchObject({ status: 404 });
    expect(await get('/users/none', admin)).toMatchObject({ status: 404 });
  });
});

describe('PATCH /users/:userId', () => {
  it('changes what is given, takes away what is null, and tells which, not what', async () => {
    const ada = await newPerson();
    const { headers } = await get(`/users/${ada.userId}`, ada);
    const named = await patch(ada.userId, ada, { name: '  Ada L.  ' }, headers.etag);
    expect(named).toMatchObject({ status: 200 });
    expect(named.json()).toMatchObject({ name: 'Ada L.' });
    expect(named.emitted).toMatchObject([{ type: UserUpdated.type, data: { userId: ada.userId, changed: ['name'] } }]);
    expect(JSON.stringify(named.emitted)).not.toContain('Ada');
    const same = await patch(ada.userId, ada, { name: 'Ada L.' }, named.headers.etag);
    expect([same.status, same.headers.etag, same.emitted]).toEqual([200, named.headers.etag, []]);
    const empty = await patch(ada.userId, ada, {}, named.headers.etag);
    expect([empty.status, empty.headers.etag]).toEqual([200, named.headers.etag]);
    const nameless = await patch(ada.userId, ada, { name: null }, named.headers.etag);
    expect(nameless.json()).not.toHaveProperty('name');
  });

  it('wants to know which version was seen', async () => {
    const ada = await newPerson();
    expect(await patch(ada.userId, ada, { name: 'Ada' })).toMatchObject({ status: 428, emitted: [] });
    for (const ifMatch of ['"0"', 'W/"1"', 'nonsense', '']) {
      expect(await patch(ada.userId, ada, { name: 'Ada' }, ifMatch)).toMatchObject({ status: 412, emitted: [] });
    }
    expect(await patch(ada.userId, ada, { name: 'Ada' }, '*')).toMatchObject({ status: 200 });
  });

  it('lets one of two win who have seen the same', async () => {
    const ada = await newPerson();
    const { headers } = await get(`/users/${ada.userId}`, ada);
    const names = Array.from({ length: 8 }, (_, at) => `Ada ${at}`);
    const replies = await Promise.all(names.map((name) => patch(ada.userId, ada, { name }, headers.etag)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ roles: ['admin'] }, '/roles'],
    [{ status: 'active' }, '/status'],
    [{ email: 'other@example.com' }, '/email'],
    [{ userId: newId() }, '/userId'],
    [{ version: 1 }, '/version'],
    [{ passwordHash: 'x' }, '/passwordHash'],
    [{ name: '' }, '/name'],
    [{ name: 'x'.repeat(101) }, '/name'],
    [{ name: 'two\nlines' }, '/name'],
    [{ name: 7 }, '/name'],
    [{ name: 'Ada\u0000' }, '/name'],
  ])('refuses %j, and says where', async (body, path) => {
    const reply = await patch(admin.userId, admin, body, '*');
    expect(reply).toMatchObject({ status: 422, emitted: [] });
    expect(reply.json()).toMatchObject({ violations: [{ path }] });
  });

  it('gives nobody a role, whoever asks', async () => {
    const ada = await newPerson();
    expect(await patch(ada.userId, ada, { name: 'Ada', roles: ['admin'] }, '*')).toMatchObject({ status: 422 });
    expect((await get(`/users/${ada.userId}`, ada)).json()).toMatchObject({ roles: [] });
  });
});

describe('POST /users', () => {
  const invite = (body: Record<string, unknown>, as: Tokens = admin) =>
    drive.service.request('POST', '/users', { as: callerOf(as), body: body as never });

  it('opens an account for somebody, who then chooses a password', async () => {
    const reply = await invite({ email: 'Invited@Example.com', name: 'Ivy' });
    const user = reply.json() as User;
    expect(reply.status).toBe(201);
    expect(reply.headers.location).toBe(`/users/${user.userId}`);
    expect(user).toMatchObject({ email: 'Invited@example.com', name: 'Ivy', status: 'unverified', roles: [] });
    const message = await drive.mailed(reply, 'invitation');
    expect(message).toMatchObject({ email: 'Invited@example.com', name: 'Ivy', purpose: 'invitation' });
    const chosen = { token: message?.token ?? '', password: 'five boats in the bay' };
    expect(await drive.send('PUT', '/password-resets', { body: chosen })).toMatchObject({ status: 204 });
    expect(await drive.send('PUT', '/password-resets', { body: chosen })).toMatchObject({ status: 404 });
    expect(await drive.signIn('invited@example.com', { password: chosen.password })).toMatchObject({ status: 201 });
  });

  it('refuses an address that has an account, and what is none', async () => {
    expect(await invite({ email: 'ROOT@example.com' })).toMatchObject({ status: 409, emitted: [] });
    expect(await invite({ email: 'nobody' })).toMatchObject({ status: 422, emitted: [] });
    expect(await invite({ email: 'a@example.com', roles: ['admin'] })).toMatchObject({ status: 422, emitted: [] });
  });
});

describe('DELETE /users/:userId', () => {
  const remove = (userId: string, as: Tokens) =>
    drive.service.request('DELETE', `/users/${userId}`, { as: callerOf(as) });

  it('ends all sessions, and keeps them from signing in until they are restored', async () => {
    const ada = await newPerson();
    const reply = await remove(ada.userId, ada);
    expect(reply.status).toBe(204);
    expect(reply.emitted.map(({ type }) => type).sort()).toEqual([SessionRevoked.type, UserDeleted.type].sort());
    expect(await drive.refresh(ada.refreshToken)).toMatchObject({ status: 401 });
    expect(await drive.signIn(ada.email)).toMatchObject({ status: 401 });
    expect(await get(`/users/${ada.userId}`, ada)).toMatchObject({ status: 404 });
    expect((await get(`/users/${ada.userId}`, admin)).json()).toMatchObject({ status: 'deleted', email: ada.email });
    expect(await patch(ada.userId, admin, { name: 'x' }, '*')).toMatchObject({ status: 404 });
    expect(await drive.mailed(await drive.post('/password-resets', { email: ada.email }))).toBeUndefined();
    expect(await remove(ada.userId, admin)).toMatchObject({ status: 204, emitted: [] });

    const restored = await drive.send('POST', `/users/${ada.userId}/restoration`, { as: admin });
    expect(restored.json()).toMatchObject({ userId: ada.userId, status: 'active', email: ada.email });
    expect(restored.emitted).toMatchObject([{ type: UserRestored.type }]);
    expect(await drive.send('POST', `/users/${ada.userId}/restoration`, { as: admin })).toMatchObject({ status: 409 });
    expect(await drive.signIn(ada.email)).toMatchObject({ status: 201 });
  });

  it('leaves an administrator', async () => {
    expect(await remove(admin.userId, admin)).toMatchObject({ status: 409, emitted: [] });
    const erasure = await drive.send('POST', `/users/${admin.userId}/erasure`, { as: admin });
    expect(erasure).toMatchObject({ status: 409, emitted: [] });
  });

  it('is made good for 30 days, and then erased', async () => {
    const [late, early] = [await newPerson(), await newPerson()];
    for (const { userId } of [late, early]) await remove(userId, admin);
    await drive.service
      .db`update users set deleted_at = now() - interval '30 days 1 minute' where user_id = ${late.userId}`;
    await drive.service.db`update users set deleted_at = now() - interval '29 days' where user_id = ${early.userId}`;
    expect(await drive.send('POST', `/users/${late.userId}/restoration`, { as: admin })).toMatchObject({ status: 409 });
    const { emitted } = await drive.service.deliver('erase-deleted-users', exampleOf(ErasureFellDue));
    expect(emitted).toMatchObject([{ type: UserDeleted.type, data: { userId: late.userId, erased: true } }]);
    expect((await get(`/users/${late.userId}`, admin)).json()).toMatchObject({ status: 'erased' });
    expect((await get(`/users/${early.userId}`, admin)).json()).toMatchObject({ status: 'deleted' });
  });
});

describe('POST /users/:userId/erasure', () => {
  const erase = (userId: string, as: Tokens) => drive.send('POST', `/users/${userId}/erasure`, { as });

  it('wants a recent sign-in of whoever erases themselves', async () => {
    const ada = await newPerson();
    await drive.service.db`
      update sessions set created_at = now() - interval '16 minutes' where session_id = ${ada.sessionId}`;
    expect(await erase(ada.userId, ada)).toMatchObject({ status: 403, emitted: [] });
    const fresh = await drive.signedIn(ada.email);
    const reply = await erase(ada.userId, fresh);
    expect(reply.status).toBe(204);
    expect(reply.emitted.map(({ type }) => type).sort()).toEqual([SessionRevoked.type, UserDeleted.type].sort());
    expect(await erase(ada.userId, admin)).toMatchObject({ status: 404, emitted: [] });
  });

  it('leaves an id, and frees the address', async () => {
    const ada = await newPerson();
    expect(await erase(ada.userId, admin)).toMatchObject({ status: 204 });
    const left = (await get(`/users/${ada.userId}`, admin)).json() as User;
    expect(left).toMatchObject({ userId: ada.userId, status: 'erased', roles: [] });
    expect(left.email ?? left.name).toBeUndefined();
    expect(await drive.send('POST', `/users/${ada.userId}/restoration`, { as: admin })).toMatchObject({ status: 404 });
    expect((await drive.opened(ada.email)).userId).not.toBe(ada.userId);
  });
});

describe('GET /users/:userId/audit', () => {
  it('tells what was done, the newest first, page by page', async () => {
    const ada = await newPerson();
    await patch(ada.userId, admin, { name: 'Ada' }, '*');
    const entries: { action: string; actorId?: string }[] = [];
    let before = '';
    for (let page = 0; page < 10; page += 1) {
      const reply = await get(`/users/${ada.userId}/audit?limit=1${before}`, ada);
      const { entries: some, nextBefore } = reply.json() as { entries: typeof entries; nextBefore?: number };
      entries.push(...some);
      if (nextBefore === undefined) break;
      before = `&before=${nextBefore}`;
    }
    expect(entries).toMatchObject([
      { action: 'account.updated', actorId: admin.userId },
      { action: 'sign-in' },
      { action: 'account.verified' },
      { action: 'sign-up' },
    ]);
    expect(JSON.stringify(entries)).not.toContain('login');
  });
});

describe('what is somebody else’s', () => {
  const OF_A_USER = [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/erasure'],
    ['POST', '/restoration'],
    ['GET', '/audit'],
    ['PUT', '/roles/admin'],
    ['DELETE', '/roles/admin'],
  ] as const;

  it.each(OF_A_USER)('%s /users/:userId%s is refused, whether there is such a user or not', async (method, path) => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    const before = await get(`/users/${bob.userId}`, admin);
    const body = method === 'PATCH' ? { body: { name: 'Mallory' } } : {};
    for (const userId of [bob.userId, newId(), admin.userId]) {
      const reply = await drive.send(method, `/users/${userId}${path}`, { as: ada, ...body });
      expect(reply).toMatchObject({ status: 403, emitted: [] });
    }
    expect(await drive.send(method, `/users/${bob.userId}${path}`, body)).toMatchObject({ status: 401 });
    expect(await get(`/users/${bob.userId}`, admin)).toMatchObject({ text: before.text });
  });

  it.each(OF_A_USER)(
    '%s /users/:userId%s is not for another issuer’s administrators, or namesakes',
    async (method, path) => {
      const ada = await newPerson();
      const body = method === 'PATCH' ? { body: { name: 'Mallory' }, headers: { 'if-match': '*' } } : {};
      for (const subject of [ada.userId, newId(), 'auth0|7']) {
        const as = { subject, roles: ['user', 'admin'], issuer: 'https://idp.example' };
        const reply = await drive.service.request(method, `/users/${ada.userId}${path}`, { as, ...body });
        expect(reply).toMatchObject({ status: 403, emitted: [] });
      }
    },
  );

  it.each(['GET', 'POST'])('%s /users is for administrators', async (method) => {
    const ada = await newPerson();
    const body = method === 'POST' ? { body: { email: 'x@example.com' } } : {};
    expect(await drive.send(method, '/users', { as: ada, ...body })).toMatchObject({ status: 403, emitted: [] });
    expect(await drive.send(method, '/users', body)).toMatchObject({ status: 401, emitted: [] });
    const as = { subject: newId(), roles: ['admin'], issuer: 'https://idp.example' };
    expect(await drive.service.request(method, '/users', { as, ...body })).toMatchObject({ status: 403, emitted: [] });
  });
});
