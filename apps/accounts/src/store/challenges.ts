import type { Sql } from '@ebb/postgres';
import type { ChallengePurpose } from '@ebb/schemas';

export interface Challenge {
  readonly challengeId: string;
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly passwordHash: string | undefined;
  readonly name: string | undefined;
  readonly expiresAt: string;
}

interface ChallengeRow {
  challenge_id: string;
  user_id: string;
  purpose: ChallengePurpose;
  password_hash: string | null;
  name: string | null;
  expires_at: Date;
}

export interface NewChallenge {
  readonly challengeId: string;
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly passwordHash?: string | undefined;
  readonly name?: string | undefined;
  readonly lifetimeMs: number;
}

export async function insertChallenge(db: Sql, challenge: NewChallenge): Promise<void> {
  const { challengeId, userId, purpose, passwordHash, name, lifetimeMs } = challenge;
  await db`
    insert into challenges (challenge_id, user_id, purpose, password_hash, name, expires_at)
    values (${challengeId}, ${userId}, ${purpose}, ${passwordHash ?? null}, ${name ?? null},
      now() + ${lifetimeMs}::float8 * interval '1 millisecond')`;
}

/** How many messages of a kind an account got within a time. */
export async function countMails(
  db: Sql,
  userId: string,
  purpose: ChallengePurpose,
  windowMs: number,
): Promise<number> {
  const [row] = await db<{ mails: number }>`
    select coalesce(sum(mails), 0)::int as mails from challenges
    where user_id = ${userId} and purpose = ${purpose}
      and created_at > now() - ${windowMs}::float8 * interval '1 millisecond'`;
  return row?.mails ?? 0;
}

/** A challenge that is still open. */
export async function findOpenChallenge(db: Sql, challengeId: string): Promise<Challenge | undefined> {
  const [row] = await db<ChallengeRow>`
    select * from challenges where challenge_id = ${challengeId} and used_at is null and expires_at > now()`;
  return row && challengeOfRow(row);
}

/** The newest open challenge of an account. */
export async function findNewestChallenge(
  db: Sql,
  userId: string,
  purpose: ChallengePurpose,
): Promise<Challenge | undefined> {
  const [row] = await db<ChallengeRow>`
    select * from challenges
    where user_id = ${userId} and purpose = ${purpose} and used_at is null and expires_at > now()
    order by created_at desc, challenge_id desc limit 1`;
  return row && challengeOfRow(row);
}

/** Its message goes out once more. */
export async function countMailOf(db: Sql, challengeId: string): Promise<void> {
  await db`update challenges set mails = mails + 1 where challenge_id = ${challengeId}`;
}

/** Closes an account's open challenges of these kinds; whoever holds its lock is the only one to. */
export async function closeChallenges(db: Sql, userId: string, purposes: readonly ChallengePurpose[]): Promise<void> {
  await db`
    update challenges set used_at = now() where user_id = ${userId} and purpose = any(${purposes}) and used_at is null`;
}

function challengeOfRow(row: ChallengeRow): Challenge {
  return {
    challengeId: row.challenge_id,
    userId: row.user_id,
    purpose: row.purpose,
    passwordHash: row.password_hash ?? undefined,
    name: row.name ?? undefined,
    expiresAt: row.expires_at.toISOString(),
  };
}
