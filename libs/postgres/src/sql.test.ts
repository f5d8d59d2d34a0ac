import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql, statementOf } from './sql.ts';

const tag = (strings: TemplateStringsArray, ...values: readonly unknown[]) => statementOf(strings, values);

describe('a statement', () => {
  it('sends values as parameters', () => {
    expect(tag`select * from orders where id = ${"1' or true"} and total > ${5}`).toEqual({
      text: 'select * from orders where id = $1 and total > $2',
      values: ["1' or true", 5],
    });
  });

  it('quotes names and numbers the values around them', () => {
    expect(tag`select ${1} from ${sql.identifier('odd"name')} where b = ${2}`).toEqual({
      text: 'select $1 from "odd""name" where b = $2',
      values: [1, 2],
    });
  });

  it('never holds a value in its text', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(tag`select ${value}`).toEqual({ text: 'select $1', values: [value] });
      }),
    );
  });
});
