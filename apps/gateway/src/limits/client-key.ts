import { isIPv6 } from 'node:net';

const HEXTETS = 8;
/** A connection or a machine is given a whole /64, and may use every address in it. */
const NETWORK_HEXTETS = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** What a client counts as: its IPv4 address, or the /64 of its IPv6 address. Every spelling of an address gives the same. */
export function clientKey(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ''] = address.split('%', 1);
  if (!isIPv6(plain)) return address;
  const hextets = hextetsOf(plain);
  return isMapped(hextets) ? ipv4Of(hextets) : `${hextets.slice(0, NETWORK_HEXTETS).map(hex).join(':')}::/64`;
}

function hextetsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const first = partsOf(head);
  if (tail === undefined) return first;
  const last = partsOf(tail);
  return [...first, ...Array<number>(HEXTETS - first.length - last.length).fill(0), ...last];
}

function partsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** `::ffff:0:0/96`, however it was written. */
function isMapped(hextets: readonly number[]): boolean {
  return hextets.slice(0, 5).every((hextet) => hextet === 0) && hextets[5] === 0xffff;
}

function ipv4Of(hextets: readonly number[]): string {
  return hextets
    .slice(6)
    .flatMap((hextet) => [hextet >> 8, hextet & 0xff])
    .join('.');
}

const hex = (hextet: number): string => hextet.toString(16);
