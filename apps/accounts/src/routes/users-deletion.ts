import { defineRoute } from '@ebb/function';
import { deleteUser, DELETION_EVENTS } from '../actions/delete-user.ts';
import { eraseUser } from '../actions/erase-user.ts';
import { restoreUser, RESTORATION_EVENTS } from '../actions/restore-user.ts';
import { RECENT_SIGN_IN_MS, User } from '../domain/user.ts';
import { originOf } from '../origin/origin-of.ts';
import { TOKEN_SETTINGS } from '../settings.ts';
import { isRecentSession } from '../store/users.ts';
import { NO_SUCH_USER, OWN_OR_ADMIN, shown, UserPath } from './users.ts';

const LAST_ADMIN = 'somebody else must be an administrator first';
const STATUSES = { done: 204, unknown: 404, last: 409 } as const;

export const deleteUserRoute = defineRoute('DELETE /users/:userId', {
  summary: 'Delete a user',
  description:
    'Ends all sessions; nobody signs in with it any more. An administrator can bring it back for 30 days, then it is erased.',
  tags: ['users'],
  access: OWN_OR_ADMIN,
  params: UserPath,
  answers: { 204: {}, 404: NO_SUCH_USER, 409: LAST_ADMIN },
  emits: DELETION_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ params: { userId }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    return { status: STATUSES[await transaction((tx) => deleteUser(tx, origin, userId))] };
  },
});

export const restoreUserRoute = defineRoute('POST /users/:userId/restoration', {
  summary: 'Bring a deleted user back',
  description: 'Within 30 days. Their sessions stay ended.',
  tags: ['users'],
  access: { roles: ['admin'] },
  params: UserPath,
  answers: {
    200: { schema: User, headers: { etag: 'the version, for If-Match' } },
    404: NO_SUCH_USER,
    409: 'the user is not deleted, or was longer ago than 30 days',
  },
  emits: RESTORATION_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ params: { userId }, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const restored = await transaction((tx) => restoreUser(tx, origin, userId));
    if (restored === 'unknown') return { status: 404 };
    if (restored === 'not-deleted') return { status: 409, detail: 'the user is not deleted' };
    if (restored === 'too-late') return { status: 409, detail: 'the user was deleted longer ago than 30 days' };
    return { status: 200, ...shown(restored) };
  },
});

export const eraseUserRoute = defineRoute('POST /users/:userId/erasure', {
  summary: 'Erase a user',
  description:
    'Removes all that says who they are, here and in every other service, for good. Of yourself: within 15 minutes of signing in, so that a token that was stolen is not enough.',
  tags: ['users'],
  access: OWN_OR_ADMIN,
  params: UserPath,
  answers: { 204: {}, 403: 'sign in again first: that was too long ago', 404: NO_SUCH_USER, 409: LAST_ADMIN },
  emits: DELETION_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ params: { userId }, ...call }, { transaction, config }) {
    const { subject, sessionId } = call.caller;
    const origin = originOf(call, config.TOKEN_KEY);
    return transaction(async (tx) => {
      const isRecent = subject !== userId || (await isRecentSession(tx.db, userId, sessionId, RECENT_SIGN_IN_MS));
      if (!isRecent) return { status: 403 };
      return { status: STATUSES[await eraseUser(tx, origin, userId, config.TOKEN_KEY)] };
    });
  },
});
