import { newId } from '@ebb/core';
import type { RouteTransaction } from '@ebb/function';
import type { EmailAddress } from '../domain/email-address.ts';
import { findAccountByEmail, insertAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { findUser, setName, type StoredUser } from '../store/users.ts';
import { issueChallenge, type CHALLENGE_EVENTS } from './issue-challenge.ts';

type Tx = Pick<RouteTransaction<typeof CHALLENGE_EVENTS>, 'db' | 'emit'>;

/** Opens an account for somebody, and has them written to, so that they choose a password. @returns undefined when the address has one */
export async function inviteUser(
  tx: Tx,
  origin: Origin,
  { address, name }: { readonly address: EmailAddress; readonly name?: string | undefined },
): Promise<StoredUser | undefined> {
  const { db } = tx;
  const userId = newId();
  await insertAccount(db, userId, address);
  if ((await findAccountByEmail(db, address.key))?.userId !== userId) return undefined;
  if (name !== undefined) await setName(db, userId, name);
  await issueChallenge(tx, userId, 'invitation');
  await recordAudit(db, origin, { action: 'account.invited', userId });
  return findUser(db, userId);
}
