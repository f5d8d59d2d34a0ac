import * as z from 'zod/mini';

/** Where to ship to. */
export const Address = z.object({
  /** ISO 3166-1 alpha-2. */
  country: z.string().check(z.regex(/^[A-Z]{2}$/, 'must be a country code of two capitals, such as DE')),
  postalCode: z.string().check(z.minLength(1), z.maxLength(12)),
});
export type Address = z.infer<typeof Address>;
