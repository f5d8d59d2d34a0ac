import type { Secret } from '@ebb/core';
import type { RouteTransaction } from '@ebb/function';
import { SessionRevoked, UserRegistered, UserUpdated } from '@ebb/schemas';
import type { EmailAddress } from '../domain/email-address.ts';
import { lockAccountByEmail, setPassword, verifyAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { closeChallenges } from '../store/challenges.ts';
import { issueChallenge, type CHALLENGE_EVENTS } from './issue-challenge.ts';
import { redeemChallenge } from './redeem-challenge.ts';
import { revokeAll } from './revoke.ts';

/** Has the owner of an address written to who forgot the password; where there is no account, nothing. */
export async function askForReset(
  tx: Pick<RouteTransaction<typeof CHALLENGE_EVENTS>, 'db' | 'emit'>,
  origin: Origin,
  { key }: EmailAddress,
): Promise<void> {
  const account = await lockAccountByEmail(tx.db, key);
  if (account && !account.isDeleted) await issueChallenge(tx, account.userId, 'password-reset');
  const userId = account?.userId;
  await recordAudit(tx.db, origin, { action: 'password.reset-asked', userId });
}

export const RESET_EVENTS = [UserUpdated, UserRegistered, SessionRevoked] as const;

/**
 * Sets a password with the token of a mail, of a reset or of an invitation, and signs everybody out. Whoever got that mail owns the address, so an account that was not
 * verified is from then on.
 * @returns whether the token was good
 */
export async function resetPassword(
  tx: Pick<RouteTransaction<typeof RESET_EVENTS>, 'db' | 'emit'>,
  origin: Origin,
  { token, passwordHash }: { readonly token: string; readonly passwordHash: string },
  root: Secret,
): Promise<boolean> {
  const { db, emit } = tx;
  const { account } =
    (await redeemChallenge(db, token, 'password-reset', root)) ??
    (await redeemChallenge(db, token, 'invitation', root)) ??
    {};
  if (!account) return false;
  const { userId } = account;
  if (account.isVerified) {
    await setPassword(db, userId, passwordHash);
    await emit(UserUpdated, { userId, changed: ['password'] });
  } else {
    await verifyAccount(db, userId, { passwordHash, name: undefined });
    await closeChallenges(db, userId, ['verification', 'invitation']);
    await recordAudit(db, origin, { action: 'account.verified', userId });
    await emit(UserRegistered, { userId });
  }
  await revokeAll(tx, origin, userId, 'password-reset');
  await recordAudit(db, origin, { action: 'password.reset', userId });
  return true;
}
