import { defineRoute } from '@ebb/function';
import { wholeNumber } from '@ebb/schemas';
import * as z from 'zod/mini';
import { ownUser } from '../origin/origin-of.ts';
import { listAudit } from '../store/user-audit.ts';
import { findUser } from '../store/users.ts';
import { NO_STORE } from './answers.ts';
import { NO_SUCH_USER, OWN_OR_ADMIN, UserPath } from './users.ts';

const MAX_LIMIT = 100;

const Entry = z.object({
  entry: z.int(),
  at: z.iso.datetime(),
  action: z.string(),
  /** Who did it; nobody who was signed in, or the service itself, where it is missing. */
  actorId: z.optional(z.uuid()),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
});

export const userAuditRoute = defineRoute('GET /users/:userId/audit', {
  summary: 'Read what was done with an account',
  description: 'The newest first; hand `nextBefore` back as `before`.',
  tags: ['users'],
  access: OWN_OR_ADMIN,
  params: UserPath,
  query: z.object({
    before: z.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    limit: z._default(wholeNumber(1, MAX_LIMIT), 50),
  }),
  answers: {
    200: { schema: z.object({ entries: z.array(Entry), nextBefore: z.optional(z.int()) }) },
    404: NO_SUCH_USER,
  },
  async handle({ params: { userId }, query, caller }, { db }) {
    ownUser(caller);
    if (!(await findUser(db, userId))) return { status: 404 };
    const { entries, next } = await listAudit(db, userId, query);
    return { status: 200, body: { entries, ...(next !== undefined && { nextBefore: next }) }, headers: NO_STORE };
  },
});
