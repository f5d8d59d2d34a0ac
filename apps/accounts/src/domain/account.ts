import * as z from 'zod/mini';

/** Beside `user`, which everybody is. */
export const Role = z.enum(['admin']);
export type Role = z.infer<typeof Role>;

/** What signing in needs to know of an account. */
export interface Account {
  readonly userId: string;
  /** Undefined once it is erased. */
  readonly email: string | undefined;
  readonly emailKey: string | undefined;
  readonly name: string | undefined;
  /** Undefined until its address is verified. */
  readonly passwordHash: string | undefined;
  readonly isVerified: boolean;
  readonly isDeleted: boolean;
  readonly roles: readonly Role[];
}

const MAX_NAME_LENGTH = 100;

/** What somebody wants to be called. */
export const Name = z.string().check(
  z.trim(),
  z.minLength(1),
  z.maxLength(MAX_NAME_LENGTH),
  z.refine((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), { message: 'must be one line of text' }),
);

/** The roles that a token tells: everybody's, and the account's own. */
export const rolesInToken = (roles: readonly Role[]): readonly string[] => ['user', ...roles];
