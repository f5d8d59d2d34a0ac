import { describe, expect, it } from '@jest/globals';
import { edited } from './edits.ts';

describe('a diff in a document', () => {
  it('replaces, adds and removes lines in several places', () => {
    expect(edited('a\nb\nc\nd\n', ' a\n-b\n+B\n@@\n d\n+e')).toBe('a\nB\nc\nd\ne\n');
  });

  it('does not guess when its place is missing or not the only one', () => {
    expect(() => edited('a\n', ' b\n+c')).toThrow(/0 times/);
    expect(() => edited('a\nx\na\nx\n', ' a\n+c')).toThrow(/2 times/);
  });
});
