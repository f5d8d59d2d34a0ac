import type { Sql } from '@ebb/postgres';
import type { AuditEntry } from './audit.ts';

/** What was done, as the user whom it concerns may read it. */
export interface AuditView {
  readonly entry: number;
  readonly at: string;
  readonly action: string;
  readonly actorId?: string;
  readonly detail: NonNullable<AuditEntry['detail']>;
}

interface AuditRow {
  entry: string;
  at: Date;
  action: string;
  actor_id: string | null;
  detail: NonNullable<AuditEntry['detail']>;
}

/** What concerns a user, the newest first; `before` is the entry that the page before ended with. */
export async function listAudit(
  db: Sql,
  userId: string,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<{ readonly entries: readonly AuditView[]; readonly next: number | undefined }> {
  const rows = await db<AuditRow>`
    select entry, at, action, actor_id, detail - 'login' as detail from audit_trail
    where user_id = ${userId} and entry < ${before ?? Number.MAX_SAFE_INTEGER}
    order by entry desc limit ${limit + 1}`;
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { entries: page.map(viewOf), next: last && Number(last.entry) };
}

function viewOf({ entry, at, action, actor_id: actorId, detail }: AuditRow): AuditView {
  return { entry: Number(entry), at: at.toISOString(), action, ...(actorId !== null && { actorId }), detail };
}
