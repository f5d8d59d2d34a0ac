import * as z from 'zod/mini';

/** What a payment provider gives a shop instead of a card's number. */
export const PaymentToken = z
  .string()
  .check(z.regex(/^tok_[a-z0-9_]{1,60}$/, 'must be a token of the payment provider, such as tok_ok'));
