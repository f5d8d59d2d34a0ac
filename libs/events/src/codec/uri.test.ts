import { describe, expect, it } from '@jest/globals';
import { isUri, isUriReference } from './uri.ts';

const ABSOLUTE = [
  'https://example.org/a?b=c#d',
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
  'mailto:a@example.org',
  'http://[2001:db8::1]:8080/',
  'http://user:pw@host/',
  'a:',
  'file:///etc',
  'http://h?q',
];
const RELATIVE = ['/svc/orders', 'a', 'a/b:c', './a:b', '//host/path', '?q', '#f', '/a%20b', '/', "/!$&'()*+,;=:@-._~"];
const NEITHER = [
  ' ',
  'a b',
  '/ü',
  '/%',
  '/%4',
  '/%zz',
  '1a:b',
  ':a',
  'a#b#c',
  '<x>',
  '/a\\b',
  '/a|b',
  'http://[::1',
  'http://h:p/',
  '^',
  '"',
];

describe('a URI reference', () => {
  it.each([...ABSOLUTE, ...RELATIVE])('may be %s', (text) => expect(isUriReference(text)).toBe(true));
  it.each([...NEITHER, ''])('is not %j', (text) => expect(isUriReference(text)).toBe(false));
});

describe('a URI', () => {
  it.each(ABSOLUTE)('may be %s', (text) => expect(isUri(text)).toBe(true));
  it.each([...RELATIVE, ...NEITHER, ''])('is not %j', (text) => expect(isUri(text)).toBe(false));
});
