import { HttpProblem } from '@ebb/core';
import type { RouteContext } from '@ebb/function';
import type { Account } from '../domain/account.ts';
import { PASSWORD_SETTINGS, SEALING_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { findAccount } from '../store/accounts.ts';
import type { Origin } from '../store/audit.ts';
import { beginAttempt, dropAttempt, failAttempt, isRightPassword, loginOf, type ATTEMPT_EVENTS } from './attempt.ts';
import { checkSecondFactor } from './check-second-factor.ts';

export const REAUTHENTICATE_SETTINGS = { ...PASSWORD_SETTINGS, ...TOKEN_SETTINGS, ...SEALING_SETTINGS };

type Context = RouteContext<typeof ATTEMPT_EVENTS, typeof REAUTHENTICATE_SETTINGS>;

/** What somebody proves it with; a code only where that is asked for. */
interface Proof {
  readonly password: string;
  /** Given or not, of whom a second factor is asked for: it must be right. */
  readonly code?: { readonly given: string | undefined };
}

export type Reauthenticated =
  | { readonly outcome: 'proved'; readonly account: Account }
  | { readonly outcome: 'locked'; readonly lockedMs: number }
  | { readonly outcome: 'refused' | 'code-missing' | 'code-wrong' };

/**
 * Has somebody who is signed in prove once more that they are who they say: an access token that was stolen must not be enough to take an account
 * over. Failures count as those of a sign-in do, and success makes none of them forgotten.
 * @throws HttpProblem 401 when the account is gone
 */
export async function reauthenticate(
  userId: string,
  { password, code }: Proof,
  origin: Origin & { readonly clientHash: string },
  context: Context,
): Promise<Reauthenticated> {
  const { db, config, transaction } = context;
  const account = await findAccount(db, userId);
  if (!account?.emailKey || account.isDeleted) throw new HttpProblem(401, 'the account is gone');
  const login = loginOf(account.emailKey, config.TOKEN_KEY);
  const attempt = await transaction((tx) => beginAttempt(tx.db, { login, userId, clientHash: origin.clientHash }));
  if ('lockedMs' in attempt) return { outcome: 'locked', ...attempt };
  const isRight = await isRightPassword(attempt, { password, stored: account.passwordHash }, context);
  return transaction(async (tx) => {
    const verdict = isRight && code ? await checkSecondFactor(tx.db, origin, userId, code.given, config) : 'none';
    if (isRight && verdict !== 'wrong') {
      await dropAttempt(tx.db, attempt);
      return verdict === 'missing' ? { outcome: 'code-missing' } : { outcome: 'proved', account };
    }
    await failAttempt(tx, origin, attempt, isRight ? 'code' : 'password');
    return { outcome: isRight ? 'code-wrong' : 'refused' };
  });
}
