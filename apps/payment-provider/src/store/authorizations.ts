import type { Money } from '@ebb/schemas';
import type { Sql } from '@ebb/postgres';
import type { Authorization, AuthorizationStatus } from '../domain/authorization.ts';

interface AuthorizationRow {
  reference: string;
  status: AuthorizationStatus;
  token: string | null;
  minor_units: string | null;
  currency: string | null;
  reason: string | null;
}

/** Writes a payment down; false when there is one of this reference already. */
export async function insertAuthorization(db: Sql, authorization: Authorization): Promise<boolean> {
  const { reference, status, token, amount, reason } = authorization;
  const inserted = await db`
    insert into authorizations (reference, status, token, minor_units, currency, reason)
    values (${reference}, ${status}, ${token ?? null}, ${amount?.minorUnits ?? null}, ${amount?.currency ?? null}, ${reason ?? null})
    on conflict (reference) do nothing
    returning reference`;
  return inserted.length === 1;
}

export async function findAuthorization(db: Sql, reference: string): Promise<Authorization | undefined> {
  const [row] = await db<AuthorizationRow>`select * from authorizations where reference = ${reference}`;
  return row && authorizationOfRow(row);
}

/** The payment, held for the rest of the transaction. */
export async function lockAuthorization(db: Sql, reference: string): Promise<Authorization | undefined> {
  const [row] = await db<AuthorizationRow>`select * from authorizations where reference = ${reference} for update`;
  return row && authorizationOfRow(row);
}

export async function setStatus(
  db: Sql,
  reference: string,
  status: AuthorizationStatus,
  reason?: string,
): Promise<void> {
  await db`
    update authorizations set status = ${status}, reason = ${reason ?? null} where reference = ${reference}`;
}

function authorizationOfRow(row: AuthorizationRow): Authorization {
  const { reference, status, token, minor_units: minorUnits, currency, reason } = row;
  const amount: Money | undefined =
    minorUnits === null || currency === null ? undefined : { minorUnits: Number(minorUnits), currency };
  return {
    reference,
    status,
    ...(token !== null && { token }),
    ...(amount && { amount }),
    ...(reason !== null && { reason }),
  };
}
