import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { UserUpdated } from '@ebb/schemas';
import { claimsOf, CONFIG, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import type { Tokens } from '../actions/tokens.ts';

let drive: AccountsDrive;
let root: Tokens;

beforeAll(async () => {
  drive = await startAccounts();
  await drive.opened(CONFIG.ADMIN_EMAILS[0]);
  root = await drive.signedIn(CONFIG.ADMIN_EMAILS[0]);
});
afterAll(() => drive.service.close());

const grant = (as: Tokens, userId: string, role = 'admin') =>
  drive.send('PUT', `/users/${userId}/roles/${role}`, { as });
const withdraw = (as: Tokens, userId: string) => drive.send('DELETE', `/users/${userId}/roles/admin`, { as });

describe('roles', () => {
  it('are given and taken by administrators, and count from the next token on', async () => {
    const { email, userId } = await drive.opened('ada@example.com');
    const tokens = await drive.signedIn(email);
    const granted = await grant(root, userId);
    expect(granted).toMatchObject({
      status: 204,
      emitted: [{ type: UserUpdated.type, data: { userId, changed: ['roles'] } }],
    });
    expect(await grant(root, userId)).toMatchObject({ status: 204, emitted: [] });
    const promoted = (await drive.refresh(tokens.refreshToken)).json() as Tokens;
    expect(claimsOf(promoted).roles).toEqual(['user', 'admin']);

    expect((await withdraw(root, userId)).status).toBe(204);
    expect(await withdraw(root, userId)).toMatchObject({ status: 204, emitted: [] });
    const demoted = (await drive.refresh(promoted.refreshToken)).json() as Tokens;
    expect(claimsOf(demoted).roles).toEqual(['user']);

    const trail = await drive.service.db`
      select action, actor_id, detail, request_id from audit_trail
      where user_id = ${userId} and action like 'role.%' order by entry`;
    expect(trail).toEqual([
      {
        action: 'role.granted',
        actor_id: root.userId,
        detail: { role: 'admin' },
        request_id: granted.headers['x-request-id'],
      },
      { action: 'role.revoked', actor_id: root.userId, detail: { role: 'admin' }, request_id: expect.any(String) },
    ]);
  });

  it('are not for a user to take', async () => {
    const { email, userId } = await drive.opened('eve@example.com');
    const eve = await drive.signedIn(email);
    expect((await grant(eve, userId)).status).toBe(403);
    expect((await withdraw(eve, root.userId)).status).toBe(403);
    expect((await drive.send('PUT', `/users/${userId}/roles/admin`)).status).toBe(401);
    expect((await grant(root, userId, 'owner')).status).toBe(404);
    expect(claimsOf((await drive.refresh(eve.refreshToken)).json() as Tokens).roles).toEqual(['user']);
  });

  it('are for accounts that there are', async () => {
    expect((await grant(root, newId())).status).toBe(404);
    expect((await grant(root, 'no-id')).status).toBe(404);
    await drive.signUp('unverified@example.com');
    const [row] = await drive.service.db<{
      user_id: string;
    }>`select user_id from users where email_key = ${'unverified@example.com'}`;
    expect((await grant(root, row!.user_id)).status).toBe(404);
  });

  it('are never taken from the last administrator, also not by two at the same time', async () => {
    expect((await withdraw(root, root.userId)).status).toBe(409);
    const { email, userId } = await drive.opened('second@example.com');
    await grant(root, userId);
    const second = await drive.signedIn(email);
    const replies = await Promise.all([withdraw(root, userId), withdraw(second, root.userId)]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 409]);
    const left = await drive.service.db`select from user_roles where role = 'admin'`;
    expect(left).toHaveLength(1);
  });

  it('no second administrator is made by the settings', async () => {
    const [holder] = await drive.service.db<{ user_id: string }>`select user_id from user_roles where role = 'admin'`;
    if (holder?.user_id === root.userId) return;
    expect(claimsOf(await drive.signedIn(CONFIG.ADMIN_EMAILS[0])).roles).toEqual(['user']);
  });
});
