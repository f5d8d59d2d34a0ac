import type { Sql } from '@ebb/postgres';
import { FORGOTTEN_AFTER_MS, lockedForMs, type LockoutRule } from '../domain/lockout.ts';

interface LockoutRow {
  failures: number;
  /** Until it may be tried again; negative when it may. */
  locked_ms: number;
}

/** How long a subject has to wait; 0 when it need not. */
export async function lockedFor(db: Sql, subject: string): Promise<number> {
  const [row] = await db<LockoutRow>`
    select extract(epoch from locked_until - clock_timestamp())::float8 * 1000 as locked_ms, failures
    from lockouts where subject = ${subject}`;
  return Math.max(0, row?.locked_ms ?? 0);
}

/** A failure that was counted. */
export interface Counted {
  /** In a row, this one included. */
  readonly failures: number;
  /** The lock that it set, as PostgreSQL writes it. */
  readonly lock: string;
}

/**
 * Counts an attempt as a failure before it is known to be one: a hundred guesses at the same time are a hundred. `forgive` takes it back.
 * @param insists goes on although others have locked the subject: whoever is known to be its owner
 * @returns what was counted, or for how long the subject is locked
 */
export async function countFailure(
  db: Sql,
  subject: string,
  rule: LockoutRule,
  insists = false,
): Promise<Counted | { readonly lockedMs: number }> {
  const [row] = await db<LockoutRow>`
    insert into lockouts (subject, failures, locked_until) values (${subject}, 0, now())
    on conflict (subject) do update set failures = case
      when lockouts.last_at < now() - ${FORGOTTEN_AFTER_MS}::float8 * interval '1 millisecond' then 0
      else lockouts.failures end
    returning failures, extract(epoch from locked_until - clock_timestamp())::float8 * 1000 as locked_ms`;
  const { failures: before = 0, locked_ms: lockedMs = 0 } = row ?? {};
  if (lockedMs > 0 && !insists) return { lockedMs };
  const failures = before + 1;
  const [locked] = await db<{ lock: string }>`
    update lockouts set failures = ${failures}, last_at = now(),
      locked_until = greatest(locked_until, clock_timestamp() + ${lockedForMs(rule, failures)}::float8 * interval '1 millisecond')
    where subject = ${subject} returning locked_until::text as lock`;
  return { failures, lock: locked?.lock ?? '' };
}

/**
 * Takes a failure back that was none, and the lock that it set. One that another has set since stays: else right passwords without a code would clear
 * the way for guesses of it.
 */
export async function forgive(db: Sql, subject: string, { lock }: Pick<Counted, 'lock'>): Promise<void> {
  await db`
    update lockouts set failures = greatest(failures - 1, 0),
      locked_until = case when locked_until::text = ${lock} then now() else locked_until end
    where subject = ${subject}`;
}

/** Whoever got in has no failures. */
export async function forget(db: Sql, subject: string): Promise<void> {
  await db`delete from lockouts where subject = ${subject}`;
}
