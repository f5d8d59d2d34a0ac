import { defineRoute } from '@ebb/function';
import { UserId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { changeUser, CHANGE_EVENTS } from '../actions/change-user.ts';
import { CHALLENGE_EVENTS } from '../actions/issue-challenge.ts';
import { inviteUser } from '../actions/invite-user.ts';
import { Name } from '../domain/account.ts';
import { Email } from '../domain/email-address.ts';
import { etagOf } from '../domain/user-version.ts';
import { User } from '../domain/user.ts';
import { originOf, ownUser } from '../origin/origin-of.ts';
import { TOKEN_SETTINGS } from '../settings.ts';
import { findUser, type StoredUser } from '../store/users.ts';
import { addressIn } from './email-address.ts';

/** Who asks for somebody else is told that they must not, whether there is such a user or not. */
export const OWN_OR_ADMIN = { owner: 'userId', roles: ['admin'] } as const;
export const NO_SUCH_USER = 'there is no such user';
export const UserPath = z.object({ userId: UserId });

const SHOWN = { schema: User, headers: { etag: 'the version, for If-Match' } } as const;

/** A user's own data is for nobody between, and asked about each time. */
const headersOf = (version: string) => ({ etag: etagOf(version), 'cache-control': 'private, no-cache' });
export const shown = ({ user, version }: StoredUser) => ({ body: user, headers: headersOf(version) });

export const userRoute = defineRoute('GET /users/:userId', {
  summary: 'Read a user',
  description:
    'Your own, or, for administrators, any; they also see who was deleted, and of whom was erased that there was somebody.',
  tags: ['users'],
  access: OWN_OR_ADMIN,
  params: UserPath,
  answers: { 200: SHOWN, 404: NO_SUCH_USER },
  async handle({ params: { userId }, caller }, { db }) {
    ownUser(caller);
    const found = await findUser(db, userId);
    if (!found) return { status: 404 };
    const isGone = found.user.status === 'deleted' || found.user.status === 'erased';
    if (isGone && !caller.roles.includes('admin')) return { status: 404 };
    return { status: 200, ...shown(found) };
  },
});

export const changeUserRoute = defineRoute('PATCH /users/:userId', {
  summary: 'Change a user',
  description:
    'What is not given stays; null takes it away (RFC 7396). If-Match says which version you have seen: nobody overwrites what they do not know.',
  tags: ['users'],
  access: OWN_OR_ADMIN,
  limit: { per: 'user', requests: 60, window: '1m' },
  maxBody: 8_192,
  params: UserPath,
  headers: z.object({ 'if-match': z.optional(z.string().check(z.maxLength(1_000))) }),
  body: z.strictObject({ name: z.optional(z.nullable(Name)) }),
  answers: {
    200: SHOWN,
    404: NO_SUCH_USER,
    412: 'the user has changed since: read it again',
    428: 'say in If-Match which version you have seen: the ETag that came with it',
  },
  emits: CHANGE_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ params: { userId }, headers, body, ...call }, { transaction, config }) {
    const ifMatch = headers['if-match'];
    if (ifMatch === undefined) return { status: 428 };
    const origin = originOf(call, config.TOKEN_KEY);
    const changed = await transaction((tx) => changeUser(tx, origin, userId, { ifMatch, change: body }));
    if (changed === 'unknown') return { status: 404 };
    if (changed === 'mismatch') return { status: 412 };
    return { status: 200, ...shown(changed) };
  },
});

export const inviteUserRoute = defineRoute('POST /users', {
  summary: 'Open an account for somebody',
  description: 'They get a mail with a token to choose a password with, within a week (`PUT /password-resets`).',
  tags: ['users'],
  access: { roles: ['admin'] },
  limit: { per: 'user', requests: 60, window: '1m' },
  maxBody: 8_192,
  body: z.strictObject({ email: Email, name: z.optional(Name) }),
  answers: {
    201: { ...SHOWN, headers: { ...SHOWN.headers, location: 'where the user is' } },
    409: 'the address has an account',
  },
  emits: CHALLENGE_EVENTS,
  settings: TOKEN_SETTINGS,
  async handle({ body, ...call }, { transaction, config }) {
    const origin = originOf(call, config.TOKEN_KEY);
    const invitation = { address: addressIn(body), name: body.name };
    const invited = await transaction((tx) => inviteUser(tx, origin, invitation));
    if (!invited) return { status: 409 };
    const { body: user, headers } = shown(invited);
    return { status: 201, body: user, headers: { ...headers, location: `/users/${user.userId}` } };
  },
});
