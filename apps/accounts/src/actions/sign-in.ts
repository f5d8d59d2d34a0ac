import type { ConfigOf } from '@ebb/core';
import type { RouteContext, RouteTransaction } from '@ebb/function';
import { LoginFailed, SessionRevoked, UserUpdated } from '@ebb/schemas';
import { passwordsOf } from '../crypto/passwords.ts';
import type { Account } from '../domain/account.ts';
import { emailAddressOf, type EmailAddress } from '../domain/email-address.ts';
import {
  ACCESS_TOKEN_SETTINGS,
  ADMIN_SETTINGS,
  PASSWORD_SETTINGS,
  SEALING_SETTINGS,
  TOKEN_SETTINGS,
} from '../settings.ts';
import { findAccountByEmail, rehashPassword } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { findNewestChallenge } from '../store/challenges.ts';
import { countHolders, grantRole, lockRoles } from '../store/roles.ts';
import {
  beginAttempt,
  dropAttempt,
  failAttempt,
  isRightPassword,
  loginOf,
  NOBODY,
  passAttempt,
  type Attempt,
} from './attempt.ts';
import { checkSecondFactor } from './check-second-factor.ts';
import { openSession, type Tokens } from './tokens.ts';

export const SIGN_IN_EVENTS = [LoginFailed, SessionRevoked, UserUpdated] as const;
export const SIGN_IN_SETTINGS = {
  ...PASSWORD_SETTINGS,
  ...TOKEN_SETTINGS,
  ...SEALING_SETTINGS,
  ...ACCESS_TOKEN_SETTINGS,
  ...ADMIN_SETTINGS,
};

type Config = ConfigOf<typeof SIGN_IN_SETTINGS>;
type Tx = RouteTransaction<typeof SIGN_IN_EVENTS>;
type Context = RouteContext<typeof SIGN_IN_EVENTS, typeof SIGN_IN_SETTINGS>;

export interface SignIn {
  readonly address: EmailAddress;
  readonly password: string;
  /** Of the authenticator, or one for recovery. */
  readonly code: string | undefined;
  readonly from: Origin & { readonly clientHash: string; readonly device: string };
}

export type SignedIn =
  | { readonly outcome: 'signed-in'; readonly tokens: Tokens }
  | { readonly outcome: 'locked'; readonly lockedMs: number }
  | { readonly outcome: 'refused' | 'unverified' | 'code-missing' | 'code-wrong' };

/**
 * Signs somebody in. Whatever is wrong, one password is hashed and the same is written down: neither the answer nor its time tells whether there is
 * such an account. What else there is to say, only whoever has the password learns.
 */
export async function signIn({ address, password, code, from }: SignIn, context: Context): Promise<SignedIn> {
  const { config, db, transaction } = context;
  const account = await findAccountByEmail(db, address.key);
  const login = loginOf(address.key, config.TOKEN_KEY);
  const who = { login, userId: account?.userId, clientHash: from.clientHash };
  const attempt = await transaction((tx) => beginAttempt(tx.db, who));
  if ('lockedMs' in attempt) return { outcome: 'locked', ...attempt };

  const stored = await storedHashOf(context, account);
  const isRight = await isRightPassword(attempt, { password, stored }, context);
  if (!isRight || !account || account.isDeleted) {
    await transaction((tx) => failAttempt(tx, from, attempt, 'password'));
    return { outcome: 'refused' };
  }
  const rehashed = await rehash(password, stored, context);
  return transaction(async (tx) => {
    // It may have been deleted, or its password changed, while we were counting.
    const now = await findAccountByEmail(tx.db, address.key);
    if (!now || now.isDeleted || (now.isVerified && now.passwordHash !== stored)) {
      await failAttempt(tx, from, attempt, 'password');
      return { outcome: 'refused' };
    }
    if (rehashed !== undefined && stored !== undefined) await rehashPassword(tx.db, now.userId, stored, rehashed);
    return admit(tx, config, now, { attempt, code, from });
  });
}

/** Of an account that is not verified yet, the password of its last sign-up. */
async function storedHashOf({ db }: Context, account: Account | undefined): Promise<string | undefined> {
  // Asked also where there is nothing to find, so that it takes as long.
  const challenge = await findNewestChallenge(db, account?.userId ?? NOBODY, 'verification');
  return account?.isVerified ? account.passwordHash : challenge?.passwordHash;
}

/** The password hashed anew, when it was hashed with parameters that are no longer ours. */
async function rehash(password: string, stored: string | undefined, context: Context): Promise<string | undefined> {
  const passwords = passwordsOf(context.config);
  const isDue = stored !== undefined && passwords.isOutdated(stored);
  return isDue ? passwords.hash(password, context.signal) : undefined;
}

/** The password is right. */
async function admit(
  tx: Tx,
  config: Config,
  account: Account,
  { attempt, code, from }: Pick<SignIn, 'code' | 'from'> & { readonly attempt: Attempt },
): Promise<SignedIn> {
  const { db } = tx;
  const { userId } = account;
  if (!account.isVerified) {
    await dropAttempt(db, attempt);
    return { outcome: 'unverified' };
  }
  const verdict = await checkSecondFactor(db, from, userId, code, config);
  if (verdict === 'missing') {
    await dropAttempt(db, attempt);
    return { outcome: 'code-missing' };
  }
  if (verdict === 'wrong') {
    await failAttempt(tx, from, attempt, 'code');
    return { outcome: 'code-wrong' };
  }
  await passAttempt(db, attempt);
  const roles = await appointFirstAdmin(tx, from, account, config.ADMIN_EMAILS);
  const tokens = await openSession(tx, config, { userId, roles }, from);
  const { sessionId } = tokens;
  await recordAudit(db, from, { action: 'sign-in', userId, detail: { sessionId, secondFactor: verdict === 'right' } });
  return { outcome: 'signed-in', tokens };
}

/** Makes whoever the settings name an administrator, as long as there is none. @returns the account's roles */
async function appointFirstAdmin(
  { db, emit }: Tx,
  origin: Origin,
  { userId, emailKey, roles }: Account,
  emails: readonly string[],
): Promise<Account['roles']> {
  if (!emails.some((email) => emailAddressOf(email)?.key === emailKey)) return roles;
  await lockRoles(db);
  if ((await countHolders(db, 'admin')) > 0) return roles;
  await grantRole(db, userId, 'admin', undefined);
  await recordAudit(db, origin, { action: 'role.granted', userId, detail: { role: 'admin', by: 'ADMIN_EMAILS' } });
  await emit(UserUpdated, { userId, changed: ['roles'] });
  return ['admin'];
}
