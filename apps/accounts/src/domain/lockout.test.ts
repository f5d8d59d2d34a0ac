import { expect, it } from '@jest/globals';
import { ACCOUNT_LOCKOUT, CLIENT_LOCKOUT, lockedForMs } from './lockout.ts';

it.each([ACCOUNT_LOCKOUT, CLIENT_LOCKOUT])('a lock doubles, and always ends: %j', (rule) => {
  expect(lockedForMs(rule, 0)).toBe(0);
  expect(lockedForMs(rule, rule.free - 1)).toBe(0);
  expect(lockedForMs(rule, rule.free)).toBe(rule.firstMs);
  expect(lockedForMs(rule, rule.free + 1)).toBe(2 * rule.firstMs);
  for (const failures of [1_000, 1_000_000, Number.MAX_SAFE_INTEGER])
    expect(lockedForMs(rule, failures)).toBe(rule.maxMs);
});
