import { wholeNumber } from '@ebb/schemas';
import * as z from 'zod/mini';

/** A stretch of the list of orders, the newest first. */
export interface Page {
  readonly limit: number;
  /** Orders with a lower number than this. */
  readonly before?: string;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const NUMBER = /^[1-9][0-9]{0,17}$/;

/** `?limit=…&cursor=…` */
export const PageQuery = z.object({
  limit: z._default(wholeNumber(1, MAX_LIMIT), DEFAULT_LIMIT),
  cursor: z.optional(
    z
      .string()
      .check(z.refine((cursor) => NUMBER.test(numberOf(cursor)), 'must be the nextCursor of an earlier answer')),
  ),
});

export function pageOf({ limit, cursor }: z.infer<typeof PageQuery>): Page {
  return { limit, ...(cursor !== undefined && { before: numberOf(cursor) }) };
}

/** Opaque for clients: they hand it back, and make none themselves. */
export function cursorOf(number: string): string {
  return Buffer.from(number).toString('base64url');
}

function numberOf(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}
