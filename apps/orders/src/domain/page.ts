import { SchemaViolationError, type Violation } from '@ebb/core';

/** A stretch of the list of orders, the newest first. */
export interface Page {
  readonly limit: number;
  /** Orders with a lower number than this. */
  readonly before?: string;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const NUMBER = /^[1-9][0-9]{0,17}$/;

/**
 * Reads `?limit=…&cursor=…`.
 * @throws SchemaViolationError
 */
export function pageOf({ limit: wanted, cursor }: Readonly<Record<string, unknown>>): Page {
  const violations: Violation[] = [];
  const limit = wanted === undefined ? DEFAULT_LIMIT : wholeNumber(wanted);
  if (limit < 1 || limit > MAX_LIMIT) {
    violations.push({ path: '/limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` });
  }
  const before = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : undefined;
  if (cursor !== undefined && !NUMBER.test(before ?? '')) {
    violations.push({ path: '/cursor', message: 'must be the nextCursor of an earlier answer' });
  }
  if (violations.length > 0) throw new SchemaViolationError('query', violations);
  return { limit, ...(before !== undefined && { before }) };
}

/** 0 for what is none: `Number` would also take '0x10', '1e1' and a blank. */
function wholeNumber(text: unknown): number {
  return typeof text === 'string' && /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}

/** Opaque for clients: they hand it back, and make none themselves. */
export function cursorOf(number: string): string {
  return Buffer.from(number).toString('base64url');
}
