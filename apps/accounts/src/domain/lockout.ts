/** How many sign-ins may fail in a row before the next has to wait, and how the waiting grows. */
export interface LockoutRule {
  readonly free: number;
  readonly firstMs: number;
  readonly maxMs: number;
}

/** One account: a person mistypes; a guesser gets a hundred guesses a day. */
export const ACCOUNT_LOCKOUT: LockoutRule = { free: 10, firstMs: 1_000, maxMs: 15 * 60_000 };
/** One network address, whatever accounts it tries: many people may be behind it. */
export const CLIENT_LOCKOUT: LockoutRule = { free: 50, firstMs: 1_000, maxMs: 5 * 60_000 };

/** After this long without a failure the count begins anew. */
export const FORGOTTEN_AFTER_MS = 86_400_000;

/** For how long nobody may try after so many failures. It doubles, and it ends: a lock that stays is a weapon in itself. */
export function lockedForMs({ free, firstMs, maxMs }: LockoutRule, failures: number): number {
  if (failures < free) return 0;
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - free, 30));
}
