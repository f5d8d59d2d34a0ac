import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isBadTarget, MAX_TARGET_CHARS, readTarget } from './target.ts';

describe('a request target', () => {
  it.each([
    ['/', [], '/', ''],
    ['/users', ['users'], '/users', ''],
    ['/users/', ['users'], '/users/', ''],
    ['/users/a%20b?x=1&y=%20', ['users', 'a b'], '/users/a%20b', 'x=1&y=%20'],
    ['/%75sers', ['users'], '/users', ''],
    ['/a@b:c,d;e=f', ['a@b:c,d;e=f'], '/a@b:c,d;e=f', ''],
    ['/a%40b', ['a@b'], '/a@b', ''],
    ['/gr%C3%BC%C3%9Fe', ['grüße'], '/gr%C3%BC%C3%9Fe', ''],
    ['/100%25', ['100%'], '/100%25', ''],
    ['/...', ['...'], '/...', ''],
    ['/?a=/../b', [], '/', 'a=/../b'],
  ])('%s is read', (url, segments, path, query) => {
    expect(readTarget(url)).toEqual({ segments, path, query });
  });

  it.each([
    ['an absolute form', 'http://other/users'],
    ['an authority', '//other/users'],
    ['an asterisk', '*'],
    ['an encoded slash', '/users%2Fadmin'],
    ['an encoded backslash', '/users%5cadmin'],
    ['a backslash', '/users\\admin'],
    ['a dot segment', '/users/./x'],
    ['a parent segment', '/users/../admin'],
    ['an encoded parent segment', '/users/%2e%2E/admin'],
    ['a parent segment at the end', '/users/..'],
    ['a NUL', '/users/%00'],
    ['a line break', '/users/%0d%0aX: y'],
    ['double encoding', '/users/%252e%252e'],
    ['half an escape', '/users/%2'],
    ['broken UTF-8', '/users/%ff'],
    ['two slashes', '/users//x'],
    ['a space', '/users/a b'],
    ['a fragment', '/users#x'],
    ['what is not ASCII', '/grüße'],
    ['a control character in the query', '/users?a=\u0001'],
    ['an empty target', ''],
  ])('%s is refused', (_what, url) => {
    expect(readTarget(url)).toMatchObject({ status: 400 });
  });

  it('is refused when it is too long', () => {
    expect(readTarget(`/${'a'.repeat(MAX_TARGET_CHARS)}`)).toMatchObject({ status: 414 });
  });

  it('comes out in one spelling, which reads as itself', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (parts) => {
        const read = readTarget(`/${parts.map(encodeURIComponent).join('/')}`);
        if (isBadTarget(read)) return;
        expect(readTarget(read.path)).toEqual(read);
      }),
    );
  });
});
