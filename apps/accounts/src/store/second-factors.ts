import type { Sql } from '@ebb/postgres';

export interface SecondFactor {
  /** Encrypted. */
  readonly secret: Buffer;
  readonly isConfirmed: boolean;
  readonly lastStep: number;
}

interface TotpRow {
  secret: Buffer;
  confirmed_at: Date | null;
  last_step: string;
}

/** Held for the rest of the transaction, so that no code is taken twice. */
export async function lockSecondFactor(db: Sql, userId: string): Promise<SecondFactor | undefined> {
  const [row] = await db<TotpRow>`select * from totp where user_id = ${userId} for update`;
  return row && { secret: row.secret, isConfirmed: row.confirmed_at !== null, lastStep: Number(row.last_step) };
}

/** A secret that is not asked for yet, in place of an earlier one like it; false when one is in use. */
export async function enrolSecondFactor(db: Sql, userId: string, secret: Buffer): Promise<boolean> {
  const rows = await db`
    insert into totp (user_id, secret) values (${userId}, ${secret})
    on conflict (user_id) do update set secret = excluded.secret, created_at = now(), last_step = 0
    where totp.confirmed_at is null
    returning user_id`;
  return rows.length > 0;
}

export async function confirmSecondFactor(db: Sql, userId: string, step: number): Promise<void> {
  await db`update totp set confirmed_at = now(), last_step = ${step} where user_id = ${userId}`;
}

export async function noteStep(db: Sql, userId: string, step: number): Promise<void> {
  await db`update totp set last_step = ${step} where user_id = ${userId}`;
}

export async function removeSecondFactor(db: Sql, userId: string): Promise<void> {
  await db`delete from totp where user_id = ${userId}`;
  await db`delete from recovery_codes where user_id = ${userId}`;
}

/** The new codes are the only ones. */
export async function replaceRecoveryCodes(db: Sql, userId: string, hashes: readonly Buffer[]): Promise<void> {
  await db`delete from recovery_codes where user_id = ${userId}`;
  await db`insert into recovery_codes (user_id, code_hash) select ${userId}, unnest(${hashes}::bytea[])`;
}

/** Takes a recovery code; false when there is none, or it was taken before. */
export async function takeRecoveryCode(db: Sql, userId: string, hash: Buffer): Promise<boolean> {
  const rows = await db`
    update recovery_codes set used_at = now()
    where user_id = ${userId} and code_hash = ${hash} and used_at is null returning user_id`;
  return rows.length > 0;
}

/** Whether a second factor is asked for, and how many recovery codes are left. */
export async function secondFactorState(
  db: Sql,
  userId: string,
): Promise<{ readonly isEnabled: boolean; readonly recoveryCodesLeft: number }> {
  const [row] = await db<{ is_enabled: boolean; codes: number }>`
    select exists (select from totp where user_id = ${userId} and confirmed_at is not null) as is_enabled,
      (select count(*)::int from recovery_codes where user_id = ${userId} and used_at is null) as codes`;
  return { isEnabled: row?.is_enabled ?? false, recoveryCodesLeft: row?.codes ?? 0 };
}
