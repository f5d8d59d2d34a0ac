import { describe, expect, it } from '@jest/globals';
import { Secret } from '@ebb/core';
import { open, seal } from './sealed.ts';

const key = (letter: string) => new Secret(Buffer.alloc(32, letter).toString('base64'));
const value = Buffer.from('a private key');

describe('what is encrypted', () => {
  const sealed = seal(value, 'here', [key('a')]);

  it('comes out as it went in, with the same key', () => {
    expect(open(sealed, 'here', [key('a')])).toEqual(value);
    expect(seal(value, 'here', [key('a')])).not.toEqual(sealed);
  });

  it('can still be opened when another key has taken over', () => {
    expect(open(sealed, 'here', [key('b'), key('a')])).toEqual(value);
    expect(() => open(sealed, 'here', [key('b')])).toThrow('KEY_ENCRYPTION_KEY_BEFORE');
  });

  it('cannot be put anywhere else', () => {
    expect(() => open(sealed, 'there', [key('a')])).toThrow('of another place');
  });

  it('cannot be changed', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => open(changed, 'here', [key('a')])).toThrow(/what is kept for here/);
    }
    expect(() => open(sealed.subarray(0, 20), 'here', [key('a')])).toThrow(/what is kept for here/);
  });
});
