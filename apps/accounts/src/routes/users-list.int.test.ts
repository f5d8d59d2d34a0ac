import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import fc from 'fast-check';
import { startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import { ISSUER } from '../actions/access-token.ts';
import { UserSort } from '../domain/user-list.ts';
import type { User } from '../domain/user.ts';

interface Page {
  readonly users: readonly User[];
  readonly nextCursor?: string;
}

let drive: AccountsDrive;
beforeAll(async () => {
  drive = await startAccounts();
});
beforeEach(() => drive.service.db`delete from users`);
afterAll(() => drive.service.close());

const admin = { subject: newId(), roles: ['user', 'admin'], issuer: ISSUER };
const ask = (query: string) => drive.service.request('GET', `/users?${query}`, { as: admin });
const page = async (query: string) => (await ask(query)).json() as Page;

interface Given {
  readonly createdAt?: string;
  readonly email?: string;
  readonly isVerified?: boolean;
  readonly deletedAt?: string;
}

async function add({ createdAt, email, isVerified = true, deletedAt }: Given = {}): Promise<string> {
  const userId = newId();
  const address = email ?? `${userId}@example.com`;
  await drive.service.db`
    insert into users (user_id, email, email_key, created_at, verified_at, deleted_at)
    values (${userId}, ${address}, ${address.toLowerCase()}, coalesce(${createdAt ?? null}::timestamptz, now()),
      case when ${isVerified} then now() end, ${deletedAt ?? null})`;
  return userId;
}

const remove = async (userId: string) => drive.service.db`delete from users where user_id = ${userId}`;

describe('GET /users', () => {
  it('filters by status, role, time and the beginning of an address', async () => {
    const early = await add({ createdAt: '2026-01-01T00:00:00.000001Z', email: 'Ada_L%@example.com' });
    const late = await add({ createdAt: '2026-01-02T00:00:00Z', email: 'adam@example.com' });
    const unverified = await add({ createdAt: '2026-01-03T00:00:00Z', isVerified: false });
    const deleted = await add({ createdAt: '2026-01-04T00:00:00Z', deletedAt: '2026-01-05T00:00:00Z' });
    const erased = await add({ createdAt: '2026-01-06T00:00:00Z' });
    await drive.service.db`
      update users set email = null, email_key = null, deleted_at = now(), erased_at = now() where user_id = ${erased}`;
    await drive.service.db`insert into user_roles (user_id, role) values (${late}, 'admin')`;
    const ids = async (query: string) => (await page(`sort=createdAt&${query}`)).users.map(({ userId }) => userId);
    expect(await ids('')).toEqual([early, late, unverified, deleted]);
    expect(await ids('status=active')).toEqual([early, late]);
    expect(await ids('status=unverified')).toEqual([unverified]);
    expect(await ids('status=deleted')).toEqual([deleted]);
    expect(await ids('status=erased')).toEqual([erased]);
    expect(await ids('role=admin')).toEqual([late]);
    expect(await ids('email=ADA')).toEqual([early, late]);
    expect(await ids('email=ada_l%25')).toEqual([early]);
    expect(await ids('email=%25')).toEqual([]);
    expect(await ids('createdFrom=9999-12-31T23:59:59Z')).toEqual([]);
    expect(await ids('createdFrom=2026-01-02T00:00:00Z&createdBefore=2026-01-03T01:00:00%2B01:00')).toEqual([late]);
  });

  it.each([
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['limit=1e1', '/limit'],
    ['sort=name', '/sort'],
    ['sort=password_hash', '/sort'],
    ['status=any', '/status'],
    ['role=user', '/role'],
    ['createdFrom=yesterday', '/createdFrom'],
    ['createdFrom=2026-02-30T00:00:00Z', '/createdFrom'],
    ['createdFrom=9999-12-31T23:59:59-23:59', '/createdFrom'],
    ['createdBefore=0000-01-01T00:00:00Z', '/createdBefore'],
    ['cursor=none', '/cursor'],
    ['cursor=', '/cursor'],
    [`cursor=${cursor(['createdAt', '2026-01-01T00:00:00.000000Z', newId()])}`, '/cursor'],
    [`cursor=${cursor(['-createdAt', 'now', newId()])}`, '/cursor'],
    [`cursor=${cursor(['-createdAt', '2026-02-30T00:00:00.000000Z', newId()])}`, '/cursor'],
    [`cursor=${cursor(['-createdAt', '0000-01-01T00:00:00.000000Z', newId()])}`, '/cursor'],
    [`cursor=${cursor(['-createdAt', '2026-99-01T00:00:00.000000Z', newId()])}`, '/cursor'],
    [`cursor=${cursor(['-createdAt', '2026-01-01T00:00:00.000000Z', "' or 1=1"])}`, '/cursor'],
    [`cursor=${cursor(['-email', 'a\u0000', newId()])}&sort=-email`, '/cursor'],
    [`cursor=${cursor(['-email', '\ud800', newId()])}&sort=-email`, '/cursor'],
  ])('refuses %s', async (query, path) => {
    const reply = await ask(query);
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ violations: [{ path }] });
  });

  it('goes on behind a user who is gone', async () => {
    const [first, second] = [
      await add({ createdAt: '2026-01-01T00:00:00Z' }),
      await add({ createdAt: '2026-01-02T00:00:00Z' }),
    ];
    const { users, nextCursor } = await page('sort=createdAt&limit=1');
    expect(users).toMatchObject([{ userId: first }]);
    await remove(first);
    expect((await page(`sort=createdAt&limit=1&cursor=${nextCursor}`)).users).toMatchObject([{ userId: second }]);
  });

  it('shows everybody who is there all the while once, in order, whoever comes and goes', async () => {
    // Few different times, and microseconds apart: what is equal, or rounded, is where lists lose people.
    const time = fc
      .constantFrom(0, 0, 1, 2, 999, 1_000)
      .map((us) => `2026-01-01T00:00:00.${String(us).padStart(6, '0')}Z`);
    const user = fc.record({ createdAt: time });
    const change = fc.oneof(fc.record({ add: user }), fc.record({ remove: fc.nat(30) }));
    const property = fc.asyncProperty(
      fc.constantFrom(...UserSort.options),
      fc.integer({ min: 1, max: 4 }),
      fc.array(user, { maxLength: 10 }),
      fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 8 }),
      async (sort, limit, before, between) => {
        await drive.service.db`delete from users`;
        const there: string[] = [];
        for (const given of before) there.push(await add(given));
        const [stayed, seen] = [new Set(there), [] as User[]];
        let cursor: string | undefined = '';
        for (let at = 0; cursor !== undefined; at += 1) {
          const shown: Page = await page(`sort=${sort}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
          seen.push(...shown.users);
          cursor = shown.nextCursor;
          for (const one of between[at] ?? []) {
            if ('add' in one) await add(one.add);
            else {
              const [gone] = there.splice(one.remove % Math.max(there.length, 1), 1);
              if (gone !== undefined) stayed.delete(gone);
              if (gone !== undefined) await remove(gone);
            }
          }
        }
        const ids = seen.map(({ userId }) => userId);
        expect(new Set(ids).size).toBe(ids.length);
        expect([...stayed].filter((id) => !ids.includes(id))).toEqual([]);
        const keys = seen.map((each) => (sort.endsWith('email') ? (each.email ?? '') : each.createdAt));
        expect(keys).toEqual(sort.startsWith('-') ? [...keys].sort().reverse() : [...keys].sort());
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });
});

function cursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}
