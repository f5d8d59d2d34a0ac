import { describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import fc from 'fast-check';
import { outputOf } from './step-output.ts';

class Money {
  readonly cents = 1;
}

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

describe('the output of a step', () => {
  it('is what JSON carries, in the first run as in those after it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const once = outputOf('pay', value);
        expect(once).toEqual(JSON.parse(JSON.stringify(value)));
        expect(outputOf('pay', once)).toEqual(once);
      }),
    );
    expect(outputOf<unknown>('pay', undefined)).toBeUndefined();
    expect(outputOf('pay', { a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  it.each<[string, unknown, string]>([
    ['a date', { at: new Date(0) }, 'step "pay" gave at /at an instance of Date, which'],
    ['a class', [new Money()], 'step "pay" gave at /0 an instance of Money, which'],
    ['a map', { 'a/b': { '~': new Map() } }, 'at /a~1b/~0 an instance of Map'],
    ['a bigint', 1n, 'step "pay" gave a bigint, which'],
    ['a function', { go: Math.abs }, 'at /go a function'],
    ['what is not there', [undefined], 'at /0 a undefined'],
    ['no number', { sum: Number.NaN }, 'at /sum NaN'],
    ['a circle', cyclic, 'nested more than 64 deep'],
    ['too much', 'x'.repeat(262_143), '262145 bytes, and at most 262144'],
  ])('is refused where it is %s, with the place', (_what, value, message) => {
    const refuse = () => outputOf('pay', value);
    expect(refuse).toThrow(message);
    expect(refuse).not.toThrow(TerminalError);
  });
});
