import { HttpProblem, SchemaViolationError } from '@ebb/core';
import { defineRoute } from '@ebb/function';
import { wholeNumber } from '@ebb/schemas';
import * as z from 'zod/mini';
import { Role } from '../domain/account.ts';
import { cursorIn, cursorOf, UserSort, type UserCursor } from '../domain/user-list.ts';
import { User, UserStatus } from '../domain/user.ts';
import { ownUser } from '../origin/origin-of.ts';
import { listUsers } from '../store/user-list.ts';
import { NO_STORE } from './answers.ts';

const MAX_LIMIT = 100;
const YEAR_10000 = Date.UTC(10_000, 0);
/** As PostgreSQL takes it, whatever the offset: nobody has signed up before there was Unix. */
const Time = z.pipe(
  z.iso.datetime({ offset: true, abort: true }).check(
    z.refine((text) => Date.parse(text) >= 0 && Date.parse(text) < YEAR_10000, {
      message: 'must be in a year from 1970 to 9999',
    }),
  ),
  z.transform((text: string) => new Date(text).toISOString()),
);

export const usersRoute = defineRoute('GET /users', {
  summary: 'List users',
  description:
    'Page by page: hand `nextCursor` back as `cursor`, with the same sort and filters. Everybody who is there all the while comes once. Who was erased comes with `status=erased` only.',
  tags: ['users'],
  access: { roles: ['admin'] },
  limit: { per: 'user', requests: 120, window: '1m' },
  query: z.object({
    limit: z._default(wholeNumber(1, MAX_LIMIT), 20),
    cursor: z.optional(z.string().check(z.maxLength(1_000))),
    sort: z._default(UserSort, '-createdAt'),
    status: z.optional(UserStatus),
    role: z.optional(Role),
    /** The first moment that counts. */
    createdFrom: z.optional(Time),
    /** The first that does not any more. */
    createdBefore: z.optional(Time),
    /** How the address begins, in any case. */
    email: z.optional(z.string().check(z.maxLength(320))),
  }),
  answers: { 200: { schema: z.object({ users: z.array(User), nextCursor: z.optional(z.string()) }) } },
  async handle({ query: { cursor, email, ...query }, caller }, { db }) {
    ownUser(caller);
    const after = cursor === undefined ? undefined : placeIn(cursor, query.sort);
    const { users, next } = await listUsers(db, { ...query, after, email: email?.toLowerCase() });
    const more = next && { nextCursor: cursorOf(query.sort, next) };
    return { status: 200, body: { users, ...more }, headers: NO_STORE };
  },
});

/** @throws HttpProblem 400 */
function placeIn(cursor: string, sort: UserSort): UserCursor {
  try {
    return cursorIn(cursor, sort);
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    const { violations, message } = error;
    throw new HttpProblem(400, message, { extensions: { in: 'query', violations } });
  }
}
