import { HttpProblem } from '@ebb/core';
import type { Money } from '@ebb/schemas';

export const AUTHORIZATION_STATUSES = ['pending', 'authorized', 'declined', 'captured', 'voided'] as const;
export type AuthorizationStatus = (typeof AUTHORIZATION_STATUSES)[number];

/** A merchant's payment, named by the merchant's own reference. */
export interface Authorization {
  readonly reference: string;
  readonly status: AuthorizationStatus;
  readonly reason?: string;
  /** What it is paid with; unknown for one that was voided before it was asked for, as is the amount. */
  readonly token?: string;
  readonly amount?: Money;
}

/** What the merchant sees of it. */
export function viewOf({ token: _, ...authorization }: Authorization): Omit<Authorization, 'token'> {
  return authorization;
}

/**
 * Whether a capture takes the money; false when it was taken before.
 * @throws HttpProblem 409 when there is nothing to take
 */
export function captures({ reference, status }: Authorization): boolean {
  if (status === 'captured') return false;
  if (status === 'authorized') return true;
  throw new HttpProblem(409, `payment ${reference} is ${status}: there is nothing to capture`);
}

/**
 * What giving a payment up comes to: what is held is let go, what was declined stays so.
 * @throws HttpProblem 409 when the money was taken
 */
export function afterVoid({ reference, status }: Authorization): AuthorizationStatus {
  if (status === 'captured') throw new HttpProblem(409, `payment ${reference} is captured: it cannot be voided`);
  return status === 'declined' ? 'declined' : 'voided';
}
