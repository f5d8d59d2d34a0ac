import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './json.ts';

describe('parseJson', () => {
  it('reads whatever JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) =>
        expect(JSON.stringify(parseJson(JSON.stringify(value)))).toBe(JSON.stringify(value)),
      ),
    );
  });

  it('accepts the allowed depth and refuses one more', () => {
    expect(parseJson('[[1]]', { maxDepth: 2 })).toEqual([[1]]);
    expect(() => parseJson('[[[1]]]', { maxDepth: 2 })).toThrow('nested deeper than 2 levels (at position 2)');
  });

  it('does not count brackets inside strings', () => {
    expect(parseJson('["[[[[\\"[["]', { maxDepth: 1 })).toEqual(['[[[["[[']);
  });

  it('finds the end of strings with escaped quotes and backslashes', () => {
    for (const text of ['["\\\\",[1]]', '["\\\\\\"[[[[",[1]]', '["",[1]]']) {
      expect(parseJson(text, { maxDepth: 2 })).toEqual(JSON.parse(text));
      expect(() => parseJson(text, { maxDepth: 1 })).toThrow(/nested deeper/);
    }
  });

  it('survives a million brackets', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(/nested deeper/);
  });

  it('says what is wrong with a document that is no JSON', () => {
    expect(() => parseJson('{"a":')).toThrow(/not valid JSON/);
  });
});
