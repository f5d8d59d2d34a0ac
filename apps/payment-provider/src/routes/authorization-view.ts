import { IdempotencyKey, Money } from '@ebb/schemas';
import * as z from 'zod/mini';
import { AUTHORIZATION_STATUSES } from '../domain/authorization.ts';

/** A merchant's name for a payment. */
export const Reference = z
  .string()
  .check(z.regex(/^[\w.:-]{1,100}$/, 'must be 1 to 100 letters, digits or one of _.:-'));

/** What the merchant sees of a payment. */
export const AuthorizationView = z.object({
  reference: Reference,
  status: z.enum(AUTHORIZATION_STATUSES),
  reason: z.optional(z.string()),
  amount: z.optional(Money),
});
export type AuthorizationView = z.infer<typeof AuthorizationView>;

export const OfReference = z.object({ reference: Reference });

/** Money is moved under a key only. */
export const WithKey = z.object({ 'idempotency-key': IdempotencyKey });
