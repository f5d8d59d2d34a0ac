import type { Sql } from '@ebb/postgres';
import type { RevocationReason } from '@ebb/schemas';

export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly secretHash: Buffer;
  readonly device: string;
  readonly clientHash: string;
  readonly idleMs: number;
  readonly maxMs: number;
}

export interface StoredSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly secretHash: Buffer;
  readonly generation: number;
  readonly sinceRotationMs: number;
  readonly isOver: boolean;
}

interface SessionRow {
  session_id: string;
  user_id: string;
  secret_hash: Buffer;
  generation: number;
  since_rotation_ms: number;
  is_over: boolean;
}

export async function insertSession(db: Sql, session: NewSession): Promise<void> {
  const { sessionId, userId, secretHash, device, clientHash, idleMs, maxMs } = session;
  await db`
    insert into sessions (session_id, user_id, secret_hash, device, client_hash, expires_at, ends_at)
    values (${sessionId}, ${userId}, ${secretHash}, ${device}, ${clientHash},
      now() + least(${idleMs}::float8, ${maxMs}::float8) * interval '1 millisecond',
      now() + ${maxMs}::float8 * interval '1 millisecond')`;
}

/** The session, held for the rest of the transaction: two refreshes of it come one after the other. */
export async function lockSession(db: Sql, sessionId: string): Promise<StoredSession | undefined> {
  const [row] = await db<SessionRow>`
    select session_id, user_id, secret_hash, generation,
      extract(epoch from clock_timestamp() - rotated_at)::float8 * 1000 as since_rotation_ms,
      revoked_at is not null or expires_at <= clock_timestamp() as is_over
    from sessions where session_id = ${sessionId} for update`;
  return (
    row && {
      sessionId: row.session_id,
      userId: row.user_id,
      secretHash: row.secret_hash,
      generation: row.generation,
      sinceRotationMs: row.since_rotation_ms,
      isOver: row.is_over,
    }
  );
}

/** The next token of the family is the good one, and the session lasts longer. */
export async function rotateSession(db: Sql, sessionId: string, idleMs: number): Promise<void> {
  await db`
    update sessions set generation = generation + 1, rotated_at = clock_timestamp(),
      expires_at = least(now() + ${idleMs}::float8 * interval '1 millisecond', ends_at)
    where session_id = ${sessionId}`;
}

/** Ends one session of a user; the ids of those that it ended. */
export async function revokeSession(
  db: Sql,
  userId: string,
  sessionId: string,
  reason: RevocationReason,
): Promise<readonly string[]> {
  return idsOf(
    await db`
    update sessions set revoked_at = now(), revoked_reason = ${reason}
    where user_id = ${userId} and session_id = ${sessionId} and revoked_at is null and expires_at > now()
    returning session_id`,
  );
}

/** Ends all sessions of a user but one; the ids of those that it ended. */
export async function revokeSessions(
  db: Sql,
  userId: string,
  reason: RevocationReason,
  except?: string,
): Promise<readonly string[]> {
  return idsOf(
    await db`
    update sessions set revoked_at = now(), revoked_reason = ${reason}
    where user_id = ${userId} and session_id is distinct from ${except ?? null}::uuid
      and revoked_at is null and expires_at > now()
    returning session_id`,
  );
}

/** Ends the oldest sessions of a user, so that not more than so many are left. */
export async function revokeOldest(db: Sql, userId: string, keep: number): Promise<readonly string[]> {
  return idsOf(
    await db`
    update sessions set revoked_at = now(), revoked_reason = 'too-many-sessions'
    where session_id in (
      select session_id from sessions where user_id = ${userId} and revoked_at is null and expires_at > now()
      order by rotated_at desc, session_id desc offset ${keep}
    ) returning session_id`,
  );
}

/** Whether somebody has signed in to the account from there before. */
export async function isKnownClient(db: Sql, userId: string, clientHash: string): Promise<boolean> {
  const rows = await db`select from sessions where user_id = ${userId} and client_hash = ${clientHash} limit 1`;
  return rows.length > 0;
}

export interface ListedSession {
  readonly sessionId: string;
  readonly device: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
}

interface ListedRow {
  session_id: string;
  device: string;
  created_at: Date;
  rotated_at: Date;
  expires_at: Date;
}

/** The sessions of a user that are not over, the last used first. */
export async function listSessions(db: Sql, userId: string): Promise<readonly ListedSession[]> {
  const rows = await db<ListedRow>`
    select * from sessions where user_id = ${userId} and revoked_at is null and expires_at > now()
    order by rotated_at desc, session_id desc`;
  return rows.map((row) => ({
    sessionId: row.session_id,
    device: row.device,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.rotated_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

const idsOf = (rows: readonly Record<string, unknown>[]): readonly string[] =>
  rows.map(({ session_id: id }) => String(id));
