import { describe, expect, it } from '@jest/globals';
import { goDuration } from './duration.ts';

describe('goDuration', () => {
  it.each([
    ['1s', 1_000_000_000n],
    ['1.5ms', 1_500_000n],
    ['100us', 100_000n],
    ['100µs', 100_000n],
    ['100μs', 100_000n],
    ['7ns', 7n],
    ['1h30m', 5_400_000_000_000n],
    ['.5s', 500_000_000n],
    ['0', 0n],
  ])('reads %s', (text, expected) => {
    expect(goDuration(text)).toBe(expected);
  });

  it.each(['', '5', '-1s', '1 s', '1s ', 's', '1d', '1s2', 'x1s', `${'9'.repeat(400)}h`])('refuses %j', (text) => {
    expect(() => goDuration(text)).toThrow('invalid duration');
  });
});
