import * as z from 'zod/mini';

const MAX_LENGTH = 200;

/** What a client calls a request that it may have to send again: the same key, the same effect. */
export const IdempotencyKey = z.string().check(z.regex(/\S/, 'must not be blank'), z.maxLength(MAX_LENGTH));
