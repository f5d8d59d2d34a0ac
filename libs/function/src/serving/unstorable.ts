import type { Violation } from '@ebb/core';

/** More help nobody. */
const MAX_VIOLATIONS = 100;

/** NUL, and halves of surrogate pairs: legal in JSON, refused by PostgreSQL. */
// eslint-disable-next-line no-control-regex -- that character is what is looked for
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** Where a value from outside has letters that no text in the database can have; they would come back as a failure of the service. */
export function unstorableIn(value: unknown, path = '', found: Violation[] = []): readonly Violation[] {
  if (found.length >= MAX_VIOLATIONS) return found;
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) found.push({ path, message: 'has a letter that is none (NUL, or half of a pair)' });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      unstorableIn(key, path, found);
      unstorableIn(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
    }
  }
  return found;
}
