import type { RouteTransaction } from '@ebb/function';
import { UserUpdated } from '@ebb/schemas';
import { open, seal } from '../crypto/sealed.ts';
import { sealingKeysOf } from '../crypto/sealing-keys.ts';
import type { Account } from '../domain/account.ts';
import { newRecoveryCodes } from '../domain/recovery-code.ts';
import { newTotp, stepOf } from '../domain/totp.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import {
  confirmSecondFactor,
  enrolSecondFactor,
  lockSecondFactor,
  removeSecondFactor,
  replaceRecoveryCodes,
} from '../store/second-factors.ts';
import { placeOfSecret, recoveryCodeHash, type FactorConfig } from './check-second-factor.ts';

export const FACTOR_EVENTS = [UserUpdated] as const;
type Tx = Pick<RouteTransaction<typeof FACTOR_EVENTS>, 'db' | 'emit'>;

/** What an authenticator shows its codes under. */
const SHOWN_AS = 'Ebb';

/** A secret for an authenticator; it is not asked for until a code of it has come. Undefined when there is one in use. */
export async function enrol(
  { db }: Pick<Tx, 'db'>,
  origin: Origin,
  { userId, email = userId }: Account,
  config: FactorConfig,
): Promise<{ readonly secret: string; readonly uri: string } | undefined> {
  const { secret, base32, uri } = await newTotp(SHOWN_AS, email);
  const sealed = seal(secret, placeOfSecret(userId), sealingKeysOf(config));
  if (!(await enrolSecondFactor(db, userId, sealed))) return undefined;
  await recordAudit(db, origin, { action: 'second-factor.enrolled', userId });
  return { secret: base32, uri };
}

/** From now on it is asked for. @returns the recovery codes, this once; or why not */
export async function confirm(
  { db, emit }: Tx,
  origin: Origin,
  userId: string,
  { code, config }: { readonly code: string; readonly config: FactorConfig },
): Promise<readonly string[] | 'none' | 'wrong'> {
  const factor = await lockSecondFactor(db, userId);
  if (!factor || factor.isConfirmed) return 'none';
  const step = await stepOf(open(factor.secret, placeOfSecret(userId), sealingKeysOf(config)), code, Date.now());
  if (step === undefined) return 'wrong';
  const codes = newRecoveryCodes();
  await confirmSecondFactor(db, userId, step);
  await replaceRecoveryCodes(db, userId, codes.map(recoveryCodeHash));
  await recordAudit(db, origin, { action: 'second-factor.enabled', userId });
  await emit(UserUpdated, { userId, changed: ['second-factor'] });
  return codes;
}

/** It is asked for no more. @returns whether there was one */
export async function remove({ db, emit }: Tx, origin: Origin, userId: string): Promise<boolean> {
  const factor = await lockSecondFactor(db, userId);
  if (!factor) return false;
  await removeSecondFactor(db, userId);
  await recordAudit(db, origin, { action: 'second-factor.disabled', userId });
  if (factor.isConfirmed) await emit(UserUpdated, { userId, changed: ['second-factor'] });
  return true;
}
