import type { Sql } from '@ebb/postgres';

export type AuditAction =
  | 'sign-up'
  | 'account.verified'
  | 'sign-in'
  | 'sign-in.failed'
  | 'session.revoked'
  | 'session.token-reused'
  | 'password.reset-asked'
  | 'password.reset'
  | 'password.changed'
  | 'second-factor.enrolled'
  | 'second-factor.enabled'
  | 'second-factor.disabled'
  | 'recovery-code.used'
  | 'role.granted'
  | 'role.revoked'
  | 'signing-keys.rotated'
  | 'account.invited'
  | 'account.updated'
  | 'account.deleted'
  | 'account.restored'
  | 'account.erased';

/** Where a request comes from, as far as it is kept. */
export interface Origin {
  /** Who is signed in. */
  readonly actorId: string | undefined;
  readonly requestId: string | undefined;
  /** Keyed: it does not tell the network address. */
  readonly clientHash: string | undefined;
}

export interface AuditEntry {
  readonly action: AuditAction;
  /** Whom it concerns. */
  readonly userId?: string | undefined;
  /** Nothing that says who somebody is. */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Writes down what was done, in the transaction that does it. */
export async function recordAudit(db: Sql, origin: Origin, { action, userId, detail = {} }: AuditEntry): Promise<void> {
  const { actorId, requestId, clientHash } = origin;
  await db`
    insert into audit_trail (user_id, actor_id, action, request_id, client_hash, detail)
    values (${userId ?? null}, ${actorId ?? null}, ${action}, ${requestId ?? null}, ${clientHash ?? null},
      ${JSON.stringify(detail)})`;
}
