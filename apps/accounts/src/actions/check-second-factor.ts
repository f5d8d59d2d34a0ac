import { createHash } from 'node:crypto';
import type { ConfigOf } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import { open } from '../crypto/sealed.ts';
import { sealingKeysOf } from '../crypto/sealing-keys.ts';
import { isRecoveryCode, plainRecoveryCode } from '../domain/recovery-code.ts';
import { stepOf } from '../domain/totp.ts';
import type { SEALING_SETTINGS } from '../settings.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { lockSecondFactor, noteStep, takeRecoveryCode } from '../store/second-factors.ts';

export type FactorConfig = ConfigOf<typeof SEALING_SETTINGS>;

export const placeOfSecret = (userId: string): string => `authenticator of ${userId}`;

/** Its 80 random bits protect it: nobody tries them all. */
export const recoveryCodeHash = (code: string): Buffer => createHash('sha256').update(plainRecoveryCode(code)).digest();

/** What a second factor says to a code: `none` is asked for, one is `missing`, or the code is `right` or `wrong`. */
export type FactorVerdict = 'none' | 'missing' | 'right' | 'wrong';

/** Checks the code of an account that asks for one; a code that is right is used up. */
export async function checkSecondFactor(
  db: Sql,
  origin: Origin,
  userId: string,
  code: string | undefined,
  config: FactorConfig,
): Promise<FactorVerdict> {
  const factor = await lockSecondFactor(db, userId);
  if (!factor?.isConfirmed) return 'none';
  if (code === undefined) return 'missing';
  if (isRecoveryCode(code)) {
    const isTaken = await takeRecoveryCode(db, userId, recoveryCodeHash(code));
    if (isTaken) await recordAudit(db, origin, { action: 'recovery-code.used', userId });
    return isTaken ? 'right' : 'wrong';
  }
  const step = await stepOf(open(factor.secret, placeOfSecret(userId), sealingKeysOf(config)), code, Date.now());
  if (step === undefined || step <= factor.lastStep) return 'wrong';
  await noteStep(db, userId, step);
  return 'right';
}
