import { describe, expect, it } from '@jest/globals';
import { valueAtPointer } from './json-pointer.ts';

// The examples of RFC 6901, section 5.
const DOCUMENT = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, nested: { deep: [{ x: true }] } };

describe('the value at a JSON Pointer', () => {
  it.each([
    ['', DOCUMENT],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/nested/deep/0/x', true],
    ['/foo/2', undefined],
    ['/foo/0/x', undefined],
    ['/toString', undefined],
    ['/nested/missing/x', undefined],
  ])('%j', (pointer, value) => {
    expect(valueAtPointer(DOCUMENT, pointer)).toEqual(value);
  });
});
