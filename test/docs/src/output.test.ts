import { describe, expect, it } from '@jest/globals';
import { missingLine } from './output.ts';

describe('output that a document shows', () => {
  it('may leave lines out, and parts of lines, and be spaced otherwise', () => {
    expect(missingLine('one …\n  three', 'zero\none  and two\ntwo\nthree\n')).toBeUndefined();
  });

  it('has its lines in order, and whole', () => {
    expect(missingLine('b\na', 'a\nb\n')).toBe('a');
    expect(missingLine('a', 'ab')).toBe('a');
    expect(missingLine('a.b', 'axb')).toBe('a.b');
  });
});
