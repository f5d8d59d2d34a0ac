import type { Sql } from '@ebb/postgres';
import type { UserCursor, UserQuery } from '../domain/user-list.ts';
import type { User } from '../domain/user.ts';
import { userOfRow, type UserRow } from './users.ts';

export interface UserPage {
  readonly users: readonly User[];
  /** Where the next page begins; undefined at the end. */
  readonly next: UserCursor | undefined;
}

interface ListedRow extends UserRow {
  /** What the list is sorted by, exactly. */
  sort_value: string;
}

/**
 * A page of users. The next one begins right behind the last user of this one, by what the list is sorted by and their id, neither of which changes:
 * so everybody who is there all the time comes once, whoever comes or goes meanwhile.
 */
export async function listUsers(db: Sql, query: UserQuery): Promise<UserPage> {
  const { limit, sort } = query;
  const rows = await LISTS[sort](db, query, query.after ?? STARTS[sort]);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { users: page.map(userOfRow), next: last && { value: last.sort_value, userId: last.user_id } };
}

type List = (db: Sql, query: UserQuery, after: UserCursor) => Promise<ListedRow[]>;

const [FIRST_ID, LAST_ID] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

/** Before everybody: a place like any other, so that there is one statement for the first page and the next. */
const STARTS: Readonly<Record<UserQuery['sort'], UserCursor>> = {
  createdAt: { value: '-infinity', userId: FIRST_ID },
  '-createdAt': { value: 'infinity', userId: LAST_ID },
  email: { value: '', userId: FIRST_ID },
  '-email': { value: '\u{10ffff}', userId: LAST_ID },
};

/** Four statements, because each has an index that has its rows in order already. */
const LISTS: Readonly<Record<UserQuery['sort'], List>> = {
  createdAt: (db, { limit, ...query }, { value, userId }) => db<ListedRow>`
    select *, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_value
    from listed_users(${query.status ?? null}, ${query.role ?? null}, ${query.createdFrom ?? null},
      ${query.createdBefore ?? null}, ${query.email ?? null})
    where (created_at, user_id) > (${value}::timestamptz, ${userId}::uuid)
    order by created_at, user_id limit ${limit + 1}`,
  '-createdAt': (db, { limit, ...query }, { value, userId }) => db<ListedRow>`
    select *, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_value
    from listed_users(${query.status ?? null}, ${query.role ?? null}, ${query.createdFrom ?? null},
      ${query.createdBefore ?? null}, ${query.email ?? null})
    where (created_at, user_id) < (${value}::timestamptz, ${userId}::uuid)
    order by created_at desc, user_id desc limit ${limit + 1}`,
  email: (db, { limit, ...query }, { value, userId }) => db<ListedRow>`
    select *, email_key as sort_value
    from listed_users(${query.status ?? null}, ${query.role ?? null}, ${query.createdFrom ?? null},
      ${query.createdBefore ?? null}, ${query.email ?? null})
    where (email_key, user_id) > (${value} collate "C", ${userId}::uuid)
    order by email_key collate "C", user_id limit ${limit + 1}`,
  '-email': (db, { limit, ...query }, { value, userId }) => db<ListedRow>`
    select *, email_key as sort_value
    from listed_users(${query.status ?? null}, ${query.role ?? null}, ${query.createdFrom ?? null},
      ${query.createdBefore ?? null}, ${query.email ?? null})
    where (email_key, user_id) < (${value} collate "C", ${userId}::uuid)
    order by email_key collate "C" desc, user_id desc limit ${limit + 1}`,
};
