import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementsOf, membersOf } from './json-text.ts';

const spacing = fc.constantFrom(0, 1, '\t', ' \n');

describe('the text of JSON', () => {
  it('is cut into the members of an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spacing, (object, space) => {
        const text = JSON.stringify(object, undefined, space);
        const members = membersOf(text);
        expect(members.map(({ name, start, end }) => [name, JSON.parse(text.slice(start, end)) as unknown])).toEqual(
          Object.keys(object).map((name) => [name, JSON.parse(JSON.stringify(object[name])) as unknown]),
        );
      }),
    );
  });

  it('is cut into the elements of an array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), spacing, (array, space) => {
        const text = ` ${JSON.stringify(array, undefined, space)} `;
        const values = elementsOf(text).map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown);
        expect(values).toEqual(JSON.parse(JSON.stringify(array)));
      }),
    );
  });

  it('shows duplicate members, however their names are written', () => {
    expect(membersOf('{"a":1,"\\u0061":2}').map(({ name }) => name)).toEqual(['a', 'a']);
  });
});
