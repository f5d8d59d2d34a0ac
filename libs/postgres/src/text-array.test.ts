import { describe, expect, it } from '@jest/globals';
import { textArray } from './text-array.ts';

describe('textArray', () => {
  it('quotes every element, so that none is taken for something else', () => {
    expect(textArray(['a', null, '', 'NULL', 'x,y', '{}'])).toBe('{"a",NULL,"","NULL","x,y","{}"}');
  });

  it('escapes quotes and backslashes', () => {
    expect(textArray(['say "hi"', 'C:\\tmp'])).toBe('{"say \\"hi\\"","C:\\\\tmp"}');
  });

  it('is empty without elements', () => {
    expect(textArray([])).toBe('{}');
  });
});
