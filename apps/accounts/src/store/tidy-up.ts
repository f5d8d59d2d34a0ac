import type { Sql } from '@ebb/postgres';

/** How many of what were removed. */
export type Removed = Readonly<Record<'challenges' | 'sessions' | 'lockouts' | 'keys' | 'accounts' | 'audit', number>>;

/** In one transaction: a night of it takes seconds, and a night that was missed is made up for by the next. */
export async function tidyUp(db: Sql, auditRetentionMs: number): Promise<Removed> {
  // A token that ran out a week ago explains to nobody any more why it is not good.
  const challenges = await db`delete from challenges where expires_at < now() - interval '7 days' returning 1 as one`;
  const sessions = await db`
    delete from sessions
    where least(ends_at, expires_at, coalesce(revoked_at, 'infinity')) < now() - interval '30 days' returning 1 as one`;
  const lockouts = await db`
    delete from lockouts where last_at < now() - interval '1 day' and locked_until < now() returning 1 as one`;
  const keys = await db`
    delete from signing_keys where least(retired_at, revoked_at) < now() - interval '30 days' returning 1 as one`;
  // Somebody else's address, as likely as not: who never verified it has no account.
  const accounts = await db`
    delete from users where verified_at is null and deleted_at is null and created_at < now() - interval '7 days'
      and not exists (select from challenges where challenges.user_id = users.user_id and used_at is null and expires_at > now())
    returning 1 as one`;
  const audit = await db`
    delete from audit_trail where at < now() - ${auditRetentionMs}::float8 * interval '1 millisecond' returning 1 as one`;
  return {
    challenges: challenges.length,
    sessions: sessions.length,
    lockouts: lockouts.length,
    keys: keys.length,
    accounts: accounts.length,
    audit: audit.length,
  };
}
