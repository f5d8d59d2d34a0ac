import { defineRoute } from '@ebb/function';
import { UserId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { grant, ROLE_EVENTS, withdraw } from '../actions/change-role.ts';
import { Role } from '../domain/account.ts';
import { originOf } from '../origin/origin-of.ts';
import { TOKEN_SETTINGS } from '../settings.ts';

const COMMON = {
  tags: ['roles'],
  access: { roles: ['admin'] },
  params: z.object({ userId: UserId, role: Role }),
  emits: ROLE_EVENTS,
  settings: TOKEN_SETTINGS,
} as const;
const UNKNOWN = 'there is no such user';

export const grantRoleRoute = defineRoute('PUT /users/:userId/roles/:role', {
  ...COMMON,
  summary: 'Give a user a role',
  description: 'It counts from the user’s next access token on, which is a few minutes at most.',
  answers: { 204: {}, 404: UNKNOWN },
  async handle({ params: { userId, role }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const done = await transaction((tx) => grant(tx, origin, userId, role));
    return { status: done === 'done' ? 204 : 404 };
  },
});

export const withdrawRoleRoute = defineRoute('DELETE /users/:userId/roles/:role', {
  ...COMMON,
  summary: 'Take a role from a user',
  description: 'It counts from the user’s next access token on, which is a few minutes at most.',
  answers: { 204: {}, 404: UNKNOWN, 409: 'somebody else must have the role first' },
  async handle({ params: { userId, role }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const done = await transaction((tx) => withdraw(tx, origin, userId, role));
    return { status: done === 'done' ? 204 : done === 'last' ? 409 : 404 };
  },
});
