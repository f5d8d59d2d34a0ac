import { newId } from '@ebb/core';
import type { RouteTransaction } from '@ebb/function';
import { ChallengeIssued, type ChallengePurpose } from '@ebb/schemas';
import { CHALLENGE_LIFETIME_MS, MAIL_WINDOW_MS, MAX_MAILS } from '../domain/challenge.ts';
import { countMailOf, countMails, findNewestChallenge, insertChallenge } from '../store/challenges.ts';

export const CHALLENGE_EVENTS = [ChallengeIssued] as const;
type Tx = Pick<RouteTransaction<typeof CHALLENGE_EVENTS>, 'db' | 'emit'>;

interface Content {
  readonly passwordHash?: string;
  readonly name?: string | undefined;
}

/** Has the owner of an account written to; not when they got enough already. The caller holds the account's lock. */
export async function issueChallenge(
  { db, emit }: Tx,
  userId: string,
  purpose: ChallengePurpose,
  content: Content = {},
): Promise<void> {
  if (!(await mayWrite(db, userId, purpose))) return;
  const challengeId = newId();
  const lifetimeMs = CHALLENGE_LIFETIME_MS[purpose];
  await insertChallenge(db, { challengeId, userId, purpose, lifetimeMs, ...content });
  await emit(ChallengeIssued, { userId, challengeId, purpose });
}

/** Has the newest open challenge written about once more, with the same token; nothing when there is none, or that was enough. */
export async function repeatChallenge({ db, emit }: Tx, userId: string, purpose: ChallengePurpose): Promise<void> {
  const challenge = await findNewestChallenge(db, userId, purpose);
  if (!challenge || !(await mayWrite(db, userId, purpose))) return;
  await countMailOf(db, challenge.challengeId);
  await emit(ChallengeIssued, { userId, challengeId: challenge.challengeId, purpose });
}

async function mayWrite(db: Tx['db'], userId: string, purpose: ChallengePurpose): Promise<boolean> {
  return (await countMails(db, userId, purpose, MAIL_WINDOW_MS)) < MAX_MAILS;
}
