import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

/**
 * What happens to the accounts of people. None of it says who they are: no address, no name, nothing of their network. An event is
 * kept in logs, outboxes and dead letters that nobody could clean when somebody asks to be forgotten; an id that leads nowhere may stay.
 */

const userId = '0198b2f0-6f1c-7c3e-9d5a-2a7d41c09b11';
const ofUser = (data: { userId: string }): string => data.userId;

/** In lower case, whoever wrote it: it is a partition key, and keys are compared letter by letter. */
export const UserId = z.uuid().check(z.toLowerCase());

/** Somebody has an account, and has shown that its address is theirs. */
export const UserRegistered = defineEvent('dev.ebb.user.account.registered.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'An account was opened, and its address verified.',
  data: z.object({ userId: UserId }),
  example: { userId },
});

/** What an account consists of; which of it changed is told, not what it is now. */
export const UserField = z.enum(['name', 'email', 'password', 'roles', 'second-factor']);
export type UserField = z.infer<typeof UserField>;

export const UserUpdated = defineEvent('dev.ebb.user.account.updated.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'Something about an account changed.',
  data: z.object({ userId: UserId, changed: z.array(UserField).check(z.minLength(1)) }),
  example: { userId, changed: ['name'] },
});

/** Nobody signs in with it any more. Once it is erased there is nothing left of it but its id. */
export const UserDeleted = defineEvent('dev.ebb.user.account.deleted.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'An account was deleted, or erased.',
  data: z.object({ userId: UserId, erased: z.boolean() }),
  example: { userId, erased: false },
});

/** What was deleted is there again, as it was. */
export const UserRestored = defineEvent('dev.ebb.user.account.restored.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'A deleted account was restored.',
  data: z.object({ userId: UserId }),
  example: { userId },
});

/** Somebody did not get in. Without a `userId` there is no such account. */
export const LoginFailed = defineEvent('dev.ebb.auth.login.failed.v1', {
  topic: 'accounts',
  key: ({ userId: known, login }) => known ?? login,
  description: 'A sign-in failed.',
  data: z.object({
    userId: z.optional(UserId),
    /** The same for the same address, which it does not tell. */
    login: z.string().check(z.regex(/^[\w-]{22}$/, 'must be a keyed hash of 128 bits in base64url')),
    reason: z.enum(['password', 'code']),
    /** How many in a row, this one included. */
    failures: z.int().check(z.minimum(1)),
  }),
  example: { userId, login: 'p3GzJt0m1sVtqH3xJ6nW2w', reason: 'password', failures: 5 },
});

/** What a message to the owner of an account is about. */
export const ChallengePurpose = z.enum(['verification', 'sign-up-hint', 'password-reset', 'invitation']);
export type ChallengePurpose = z.infer<typeof ChallengePurpose>;

/** Somebody is to be written to. Where, and what the secret in it is, the accounts service tells whoever may know. */
export const ChallengeIssued = defineEvent('dev.ebb.auth.challenge.issued.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'The owner of an account is to get a message, most often with a token to prove something with.',
  data: z.object({ userId: UserId, challengeId: z.uuid(), purpose: ChallengePurpose }),
  example: { userId, challengeId: '0198b2f0-6f1c-7c3e-9d5a-77e1c0a5d3f2', purpose: 'verification' },
});

/** Why somebody is signed out. */
export const RevocationReason = z.enum([
  'signed-out',
  'signed-out-everywhere',
  'token-reuse',
  'password-changed',
  'password-reset',
  'too-many-sessions',
  'account-deleted',
]);
export type RevocationReason = z.infer<typeof RevocationReason>;

export const SessionRevoked = defineEvent('dev.ebb.auth.session.revoked.v1', {
  topic: 'accounts',
  key: ofUser,
  description: 'Sessions of an account were ended before their time.',
  data: z.object({
    userId: UserId,
    sessionIds: z.array(z.uuid()).check(z.minLength(1)),
    reason: RevocationReason,
  }),
  example: { userId, sessionIds: ['0198b2f0-6f1c-7c3e-9d5a-5c0d9e8f7a61'], reason: 'token-reuse' },
});

/** The accounts service's own affairs: they go off by schedule, and nobody else reacts to them. */
const fellDue = (what: string, description: string) =>
  defineEvent(`dev.ebb.auth.${what}.fell-due.v1`, {
    topic: 'accounts',
    key: () => what,
    description,
    data: z.object({}),
    example: {},
  });

export const KeyRotationFellDue = fellDue('key-rotation', 'It is time to look whether the signing keys are due.');
export const ErasureFellDue = fellDue('erasure', 'It is time to erase what was deleted long ago.');
export const TidyingFellDue = fellDue('tidying', 'It is time to remove what has long run out.');
