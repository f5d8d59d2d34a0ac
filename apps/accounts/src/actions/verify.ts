import type { Secret } from '@ebb/core';
import type { RouteTransaction } from '@ebb/function';
import { UserRegistered } from '@ebb/schemas';
import { verifyAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { closeChallenges } from '../store/challenges.ts';
import { redeemChallenge } from './redeem-challenge.ts';

export const VERIFY_EVENTS = [UserRegistered] as const;

/** Opens an account to whoever has shown that its address is theirs. @returns the user; undefined when the token is not good */
export async function verify(
  { db, emit }: Pick<RouteTransaction<typeof VERIFY_EVENTS>, 'db' | 'emit'>,
  origin: Origin,
  token: string,
  root: Secret,
): Promise<string | undefined> {
  const { challenge, account } = (await redeemChallenge(db, token, 'verification', root)) ?? {};
  if (!account || account.isVerified || challenge?.passwordHash === undefined) return undefined;
  const { userId } = account;
  await verifyAccount(db, userId, { passwordHash: challenge.passwordHash, name: challenge.name });
  await closeChallenges(db, userId, ['invitation']);
  await recordAudit(db, origin, { action: 'account.verified', userId });
  await emit(UserRegistered, { userId });
  return userId;
}
