import { newId } from '@ebb/core';
import type { RouteTransaction } from '@ebb/function';
import type { EmailAddress } from '../domain/email-address.ts';
import { insertAccount, lockAccountByEmail } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { issueChallenge, repeatChallenge, type CHALLENGE_EVENTS } from './issue-challenge.ts';

type Tx = Pick<RouteTransaction<typeof CHALLENGE_EVENTS>, 'db' | 'emit'>;

export interface SignUp {
  readonly address: EmailAddress;
  readonly passwordHash: string;
  readonly name: string | undefined;
}

/**
 * Opens an account for an address, or has the owner of the one that it has told of the attempt. The password waits with the challenge: it
 * gets into the account only by the token of this very sign-up, so that nobody prepares an account for somebody else.
 */
export async function signUp(tx: Tx, origin: Origin, { address, passwordHash, name }: SignUp): Promise<void> {
  await insertAccount(tx.db, newId(), address);
  const account = await lockAccountByEmail(tx.db, address.key);
  if (!account || account.isDeleted) return;
  const { userId, isVerified } = account;
  if (isVerified) await issueChallenge(tx, userId, 'sign-up-hint');
  else await issueChallenge(tx, userId, 'verification', { passwordHash, name });
  await recordAudit(tx.db, origin, { action: 'sign-up', userId, detail: { exists: isVerified } });
}

/** Has the mail of an unfinished sign-up sent once more. */
export async function repeatVerification(tx: Tx, { key }: EmailAddress): Promise<void> {
  const account = await lockAccountByEmail(tx.db, key);
  if (account && !account.isVerified && !account.isDeleted) await repeatChallenge(tx, account.userId, 'verification');
}
