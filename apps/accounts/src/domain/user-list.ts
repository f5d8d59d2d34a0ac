import { SchemaViolationError } from '@ebb/core';
import * as z from 'zod/mini';
import type { Role } from './account.ts';
import type { UserStatus } from './user.ts';

/** Only what does not change while somebody goes through the list: a user that moves would be shown twice, or not at all. */
export const UserSort = z.enum(['createdAt', '-createdAt', 'email', '-email']);
export type UserSort = z.infer<typeof UserSort>;

/** A place in the list: right behind a user, who need not be there any more. */
export interface UserCursor {
  /** What the list is sorted by, of that user. */
  readonly value: string;
  readonly userId: string;
}

export interface UserQuery {
  readonly sort: UserSort;
  readonly limit: number;
  readonly after?: UserCursor | undefined;
  readonly status?: UserStatus | undefined;
  readonly role?: Role | undefined;
  /** The first moment that counts, and the first that does not any more. */
  readonly createdFrom?: string | undefined;
  readonly createdBefore?: string | undefined;
  /** How the address begins. */
  readonly email?: string | undefined;
}

const Cursor = z.tuple([UserSort, z.string().check(z.maxLength(320)), z.uuid()]);
/** As PostgreSQL prints it, to the microsecond: a Date would forget half of it, and the next page begin too early. */
const TIME = /^([12]\d{3}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;
const ADDRESS = /^[\x21-\x7e]*$/;

/** Opaque for clients: they hand it back, and make none themselves. */
export function cursorOf(sort: UserSort, { value, userId }: UserCursor): string {
  return Buffer.from(JSON.stringify([sort, value, userId])).toString('base64url');
}

/**
 * Reads a cursor of a list that is sorted this way.
 * @throws SchemaViolationError
 */
export function cursorIn(text: string, sort: UserSort): UserCursor {
  const parsed = Cursor.safeParse(jsonIn(Buffer.from(text, 'base64url').toString()));
  const [sortedBy, value = '', userId = ''] = parsed.data ?? [];
  const isValue = sort.endsWith('email') ? ADDRESS.test(value) : isTime(value);
  if (sortedBy !== sort || !isValue) {
    throw new SchemaViolationError('query', [
      { path: '/cursor', message: 'must be the nextCursor of an earlier answer with the same sort' },
    ]);
  }
  return { value, userId };
}

/** Also that there is such a day: PostgreSQL refuses others, and JavaScript takes the 30th of February for the 2nd of March. */
function isTime(text: string): boolean {
  const [, day] = TIME.exec(text) ?? [];
  const time = new Date(text);
  return day !== undefined && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
