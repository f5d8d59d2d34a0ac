import type { Secret } from '@ebb/core';
import type { RouteContext, RouteTransaction } from '@ebb/function';
import type { Sql } from '@ebb/postgres';
import { LoginFailed } from '@ebb/schemas';
import { keyedHash } from '../crypto/keyed-hash.ts';
import { passwordsOf } from '../crypto/passwords.ts';
import { ACCOUNT_LOCKOUT, CLIENT_LOCKOUT } from '../domain/lockout.ts';
import type { PASSWORD_SETTINGS } from '../settings.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { countFailure, forget, forgive, lockedFor, type Counted } from '../store/lockouts.ts';
import { isKnownClient } from '../store/sessions.ts';

export const ATTEMPT_EVENTS = [LoginFailed] as const;
type Tx = Pick<RouteTransaction<typeof ATTEMPT_EVENTS>, 'db' | 'emit'>;

/** Somebody tries to prove that an account is theirs: by signing in, or once more before something that matters. */
export interface Attempt {
  /** What they said whose it is, as a keyed hash: the same whether there is such an account or not. */
  readonly login: string;
  readonly userId: string | undefined;
  readonly clientHash: string;
  /** As which failure it is counted. */
  readonly counted: Counted;
}

/** The id of nobody. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

export const loginOf = (emailKey: string, root: Secret): string => keyedHash('login', root, emailKey);

const accountSubject = (login: string): string => `account ${login}`;
const clientSubject = (clientHash: string): string => `client ${clientHash}`;

/**
 * Counts an attempt before anything is compared, so that many at the same time are as many. Where the account is locked because of others, whoever
 * signed in to it from there before may go on: nobody locks an owner out from elsewhere.
 * @returns for how long nobody may try, or the attempt
 */
export async function beginAttempt(
  db: Sql,
  who: Pick<Attempt, 'login' | 'userId' | 'clientHash'>,
): Promise<{ readonly lockedMs: number } | Attempt> {
  const clientMs = await lockedFor(db, clientSubject(who.clientHash));
  if (clientMs > 0) return { lockedMs: clientMs };
  // Asked also where there is nothing to find, so that it takes as long.
  const isOwner = await isKnownClient(db, who.userId ?? NOBODY, who.clientHash);
  const counted = await countFailure(db, accountSubject(who.login), ACCOUNT_LOCKOUT, isOwner);
  return 'lockedMs' in counted ? counted : { ...who, counted };
}

/** Whether the password of an attempt is right. An attempt that we did not get round to, because too many wait, is none. */
export async function isRightPassword(
  attempt: Attempt,
  { password, stored }: { readonly password: string; readonly stored: string | undefined },
  { config, signal, transaction }: RouteContext<typeof ATTEMPT_EVENTS, typeof PASSWORD_SETTINGS>,
): Promise<boolean> {
  try {
    return await passwordsOf(config).isRight(password, stored, signal);
  } catch (error) {
    await transaction((tx) => dropAttempt(tx.db, attempt));
    throw error;
  }
}

/** It failed: that stays counted, is written down, and told. */
export async function failAttempt(
  { db, emit }: Tx,
  origin: Origin,
  { login, userId, clientHash, counted: { failures } }: Attempt,
  reason: 'password' | 'code',
): Promise<void> {
  await countFailure(db, clientSubject(clientHash), CLIENT_LOCKOUT, true);
  await recordAudit(db, origin, { action: 'sign-in.failed', userId, detail: { reason, failures, login } });
  await emit(LoginFailed, { ...(userId !== undefined && { userId }), login, reason, failures });
}

/** It was right as far as it went, and went not far enough to forget earlier failures. */
export async function dropAttempt(db: Sql, { login, counted }: Attempt): Promise<void> {
  await forgive(db, accountSubject(login), counted);
}

/** It was right: earlier failures are forgotten. */
export async function passAttempt(db: Sql, { login }: Attempt): Promise<void> {
  await forget(db, accountSubject(login));
}
