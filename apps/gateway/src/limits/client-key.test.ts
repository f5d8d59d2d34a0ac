import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientKey } from './client-key.ts';

const hextet = fc.integer({ min: 0, max: 0xffff });
const hextets = fc.array(hextet, { minLength: 8, maxLength: 8 });
const full = (parts: readonly number[]): string => parts.map((part) => part.toString(16)).join(':');
const isMapped = (parts: readonly number[]): boolean =>
  parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff;

/** Every way to write an address with one `::` in it, and with leading zeros and capitals. */
function spellings(parts: readonly number[]): string[] {
  const padded = parts.map((part) => part.toString(16).padStart(4, '0').toUpperCase()).join(':');
  const found = [full(parts), padded, `${full(parts)}%eth0`];
  for (let from = 0; from < 8; from += 1) {
    for (let to = from + 1; to <= 8 && parts[to - 1] === 0; to += 1) {
      if (parts.slice(from, to).every((part) => part === 0)) {
        found.push(`${full(parts.slice(0, from))}::${full(parts.slice(to))}`);
      }
    }
  }
  const [high = 0, low = 0] = parts.slice(6);
  const dotted = [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  return [...found, `${full(parts.slice(0, 6))}:${dotted}`];
}

describe('the key of a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
    ['no address', 'no address'],
  ])('of %p is %p', (address, key) => {
    expect(clientKey(address)).toBe(key);
  });

  it('is the same for every address of a /64', () => {
    fc.assert(
      fc.property(hextets, hextets, (one, other) => {
        fc.pre(!isMapped(one));
        const neighbour = [...one.slice(0, 4), ...other.slice(4)];
        fc.pre(!isMapped(neighbour));
        expect(clientKey(full(neighbour))).toBe(clientKey(full(one)));
      }),
    );
  });

  it('is another one in another /64', () => {
    fc.assert(
      fc.property(hextets, hextets, (one, other) => {
        fc.pre(!isMapped(one) && !isMapped(other));
        const isSame = one.slice(0, 4).join() === other.slice(0, 4).join();
        expect(clientKey(full(one)) === clientKey(full(other))).toBe(isSame);
      }),
    );
  });

  it('does not depend on how the address is written', () => {
    const sparse = fc.array(fc.oneof(fc.constant(0), hextet), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(sparse, (parts) => {
        expect(new Set(spellings(parts).map(clientKey)).size).toBe(1);
      }),
    );
  });
});
