import * as z from 'zod/mini';
import { Role } from './account.ts';

export const UserStatus = z.enum(['unverified', 'active', 'deleted', 'erased']);
export type UserStatus = z.infer<typeof UserStatus>;

/** A user as their owner and administrators see them. */
export const User = z.object({
  userId: z.uuid(),
  /** Gone once the user is erased. */
  email: z.optional(z.string()),
  name: z.optional(z.string()),
  roles: z.array(Role),
  status: UserStatus,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deletedAt: z.optional(z.iso.datetime()),
  erasedAt: z.optional(z.iso.datetime()),
});
export type User = z.infer<typeof User>;

/** For how long what was deleted can be brought back. */
export const RESTORABLE_MS = 30 * 86_400_000;

/** How long ago somebody may have signed in who erases what cannot be brought back. */
export const RECENT_SIGN_IN_MS = 15 * 60_000;
