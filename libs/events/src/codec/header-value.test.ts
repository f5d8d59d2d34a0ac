import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';

describe('a header value', () => {
  it.each([
    ['plain text', 'plain text'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['"quoted \\"twice\\" and %41"', 'quoted "twice" and A'],
    ['100%', '100%'],
    ['100% of %41', '100% of %41'],
    ['%FF', '%FF'],
    ['%2541', '%41'],
    [Buffer.from('größer €').toString('latin1'), 'größer €'],
    ['\u00fc', '\u00fc'],
    ['"', '"'],
  ])('%j is read as %j', (raw, value) => {
    expect(decodeHeaderValue('subject', raw)).toBe(value);
  });

  it.each([
    ['/a%20b', '/a%20b'],
    ['/a%2520b', '/a%20b'],
    ['/a%2Fb%2525', '/a%2Fb%2525'],
    ['/a%252Fb', '/a%2Fb'],
  ])('of a URI, %j is read as %j: its own escapes are no escapes of the header', (raw, value) => {
    expect(decodeHeaderValue('source', raw)).toBe(value);
  });

  it.each([
    ['a b', 'a b', 'a%20b'],
    ['say "x"', 'say "x"', 'say%20%22x%22'],
    ['"x"', '%22x%22', '%22x%22'],
    [' x', '%20x', '%20x'],
    ['100%', '100%', '100%25'],
    ['%41', '%2541', '%2541'],
    ['€', '%E2%82%AC', '%E2%82%AC'],
  ])('%j is sent as %j, or %j to the letter of the specification', (value, lenient, strict) => {
    expect(encodeHeaderValue('subject', value, false)).toBe(lenient);
    expect(encodeHeaderValue('subject', value, true)).toBe(strict);
  });

  it('is never anything but printable ASCII, and comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constantFrom('id', 'subject'),
        (value, strict, name) => {
          const sent = encodeHeaderValue(name, value, strict);
          expect(sent).toMatch(/^[\x20-\x7e]*$/);
          expect(sent).toBe(sent.trim());
          expect(decodeHeaderValue(name, sent)).toBe(value);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
