import { defineRoute } from '@ebb/function';
import { ChallengePurpose, UserId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { challengeToken } from '../crypto/challenge-token.ts';
import { hasToken } from '../domain/challenge.ts';
import { CONTACT_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import { findOpenChallenge } from '../store/challenges.ts';
import { NO_STORE } from './answers.ts';

/** Events say nobody's address: whoever writes to people asks here, and forgets it again. */
const COMMON = { tags: ['for services'], access: { token: 'CONTACT_TOKEN' } } as const;

const Contact = z.object({ userId: z.uuid(), email: z.string(), name: z.optional(z.string()) });

export const contactRoute = defineRoute('GET /contacts/:userId', {
  ...COMMON,
  summary: 'Find out where a user is written to',
  params: z.object({ userId: UserId }),
  answers: { 200: { schema: Contact }, 404: 'there is no such user, or nothing is known of them any more' },
  settings: CONTACT_SETTINGS,
  async handle({ params: { userId } }, { db }) {
    const { email, name, isDeleted } = (await findAccount(db, userId)) ?? {};
    if (email === undefined || isDeleted) return { status: 404 };
    return { status: 200, body: { userId, email, ...(name !== undefined && { name }) }, headers: NO_STORE };
  },
});

const Message = z.object({
  ...Contact.shape,
  purpose: ChallengePurpose,
  /** What proves something, once; a hint has none. */
  token: z.optional(z.string()),
  expiresAt: z.iso.datetime(),
});

export const messageRoute = defineRoute('GET /challenges/:challengeId/message', {
  ...COMMON,
  summary: 'Find out what to write to the owner of an account, and where',
  params: z.object({ challengeId: z.uuid() }),
  answers: {
    200: { schema: Message },
    404: 'there is nothing to write about: it was used, ran out, or the user is gone',
  },
  settings: { ...CONTACT_SETTINGS, ...TOKEN_SETTINGS },
  async handle({ params: { challengeId } }, { db, config }) {
    const challenge = await findOpenChallenge(db, challengeId);
    const account = challenge && (await findAccount(db, challenge.userId));
    if (!challenge || account?.email === undefined || account.isDeleted) return { status: 404 };
    const { userId, email } = account;
    const { purpose, expiresAt } = challenge;
    const name = account.name ?? challenge.name;
    const token = hasToken(purpose) ? challengeToken(challengeId, config.TOKEN_KEY) : undefined;
    const told = { ...(name !== undefined && { name }), ...(token !== undefined && { token }) };
    return { status: 200, body: { userId, email, purpose, expiresAt, ...told }, headers: NO_STORE };
  },
});
