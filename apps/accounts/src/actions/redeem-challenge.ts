import type { Secret } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import type { ChallengePurpose } from '@ebb/schemas';
import { challengeIdOf } from '../crypto/challenge-token.ts';
import type { Account } from '../domain/account.ts';
import { lockAccount } from '../store/accounts.ts';
import { closeChallenges, findOpenChallenge, type Challenge } from '../store/challenges.ts';

/**
 * The challenge that a token is of, and its account, which stays locked. It is good this once: with it all of its kind are closed.
 * @returns undefined for a token that is not ours, was used, ran out, or is of another purpose
 */
export async function redeemChallenge(
  db: Sql,
  token: string,
  purpose: ChallengePurpose,
  root: Secret,
): Promise<{ readonly challenge: Challenge; readonly account: Account } | undefined> {
  const challengeId = challengeIdOf(token, root);
  const found = challengeId === undefined ? undefined : await findOpenChallenge(db, challengeId);
  if (found?.purpose !== purpose) return undefined;
  const account = await lockAccount(db, found.userId);
  // Somebody may have been first while we waited for the lock.
  const challenge = await findOpenChallenge(db, found.challengeId);
  if (!challenge || !account || account.isDeleted) return undefined;
  await closeChallenges(db, account.userId, [purpose]);
  return { challenge, account };
}
