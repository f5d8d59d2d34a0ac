import { describe, expect, it } from '@jest/globals';
import { mailAddressOf } from './mail-address.ts';

describe('mailAddressOf', () => {
  it.each([
    ['no-reply@example.com', { name: '', address: 'no-reply@example.com' }],
    ['Ebb <no-reply@example.com>', { name: 'Ebb', address: 'no-reply@example.com' }],
    ['"Ébb & Co" <no-reply@example.com>', { name: 'Ébb & Co', address: 'no-reply@example.com' }],
  ])('reads %s', (text, address) => {
    expect(mailAddressOf(text)).toEqual(address);
  });

  it.each(['nobody', 'a@b, c@d', 'Ebb <a@b> <c@d>', 'Ebb\r\nBcc: x <a@b>', 'a b@c', '<@b>'])('refuses %j', (text) => {
    expect(() => mailAddressOf(text)).toThrow(/must be an address/);
  });
});
