import { describe, expect, it } from '@jest/globals';
import { printable, table } from './output.ts';

describe('table', () => {
  it('lines columns up by what is seen, not by colour codes', () => {
    const lines = table(
      ['NAME', 'STATE'],
      [
        ['orders', '\u001b[32mready 1\u001b[39m'],
        ['x', 'zero'],
      ],
    ).split('\n');
    expect(lines[1]).toBe('orders  \u001b[32mready 1\u001b[39m');
    expect(lines[2]).toBe('x       zero');
  });
});

describe('printable', () => {
  it('takes out what would repaint the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007c\nd')).toBe('a·[2Jb·c\nd');
  });
});
