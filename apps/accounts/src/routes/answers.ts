import { HttpProblem } from '@ebb/core';
import type { Violation } from '@ebb/core';

/** Tokens, codes and secrets are for whoever asked, and for nobody between. */
export const NO_STORE = { 'cache-control': 'no-store' } as const;

export const LOCKED = 'too many failed; wait as long as Retry-After says';

/** When somebody may try again; whole seconds, and never none. */
export const retryAfter = (ms: number): { readonly 'retry-after': string } => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))),
});

/** A body that fits its schema, and yet will not do. */
export function unprocessable(violation: Violation): HttpProblem {
  const { path, message } = violation;
  return new HttpProblem(422, `the body does not fit: ${path} ${message}`, {
    extensions: { in: 'body', violations: [violation] },
  });
}
