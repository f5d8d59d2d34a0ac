import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalQuery } from './canonical-query.ts';

const word = fc.string({ unit: 'grapheme', maxLength: 6 });
const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', 'a[]'), word), word), { maxLength: 6 });
const written = (given: readonly (readonly [string, string])[]): string =>
  given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');

/** What a service reads out of a query: values by name, in their order. */
function meaning(query: string): string {
  const read = new URLSearchParams(query);
  const names = [...new Set(read.keys())].sort();
  return JSON.stringify(names.map((name) => [name, read.getAll(name)]));
}

describe('one spelling of a query', () => {
  it.each([
    ['', ''],
    ['b=2&a=1', 'a=1&b=2'],
    ['a=2&a=1', 'a=2&a=1'],
    ['b=%41+%20', 'b=A%20%20'],
    ['a', 'a='],
    ['&&a=1&', 'a=1'],
    ['a=1=2', 'a=1%3D2'],
    ['%61=1&a=2', 'a=1&a=2'],
    ['a=1;b=2', 'a=1%3Bb%3D2'],
  ])('of %p is %p', (query, canonical) => {
    expect(canonicalQuery(query)).toBe(canonical);
  });

  it.each(['a=%', 'a=%zz', '%ff=1', 'a=%c3%28'])('is none of %p, which is read in more than one way', (query) => {
    expect(canonicalQuery(query)).toBeUndefined();
  });

  it('means what the query means', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const query = written(given);
        expect(meaning(canonicalQuery(query) ?? '')).toBe(meaning(query));
      }),
    );
  });

  it('is the same for two queries just when they mean the same', () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const [first, second] = [written(one), written(other)];
        expect(canonicalQuery(first) === canonicalQuery(second)).toBe(meaning(first) === meaning(second));
      }),
    );
  });

  it('does not depend on the order of names, nor on how letters are encoded', () => {
    const everyByte = (text: string): string =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const values = fc.array(word, { minLength: 1, maxLength: 3 });
    const named = fc.uniqueArray(fc.tuple(word, values), { selector: ([name]) => name, maxLength: 5 });
    const pairsOf = (groups: readonly (readonly [string, string[]])[]) =>
      groups.flatMap(([name, group]) => group.map((value) => [name, value] as const));
    fc.assert(
      fc.property(named, (groups) => {
        const moved = pairsOf([...groups].reverse());
        const query = moved.map(([name, value]) => `${everyByte(name)}=${everyByte(value)}`).join('&');
        expect(canonicalQuery(query)).toBe(canonicalQuery(written(pairsOf(groups))));
      }),
    );
  });

  it('of itself is itself', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const once = canonicalQuery(written(given)) ?? '';
        expect(canonicalQuery(once)).toBe(once);
      }),
    );
  });
});
