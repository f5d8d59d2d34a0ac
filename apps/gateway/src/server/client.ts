import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

import type { Client } from '../pipeline/exchange.ts';

/** Says who a request is from. */
export type ClientOf = (request: IncomingMessage) => Client;

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const HOST = /^(?:[A-Za-z0-9.\-_]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;
/** Past it somebody is playing: each one of them is looked up. */
const MAX_HOPS = 32;

/**
 * What `X-Forwarded-*` and `Forwarded` say is believed of trusted proxies only, hop by hop from the nearest one: whatever stands further
 * left than the first address that is not trusted, anybody may have written.
 */
export function clientReader(trusted: BlockList | undefined): ClientOf {
  return (request) => {
    const address = plain(request.socket.remoteAddress ?? '');
    const own: Client = { address, scheme: 'http', host: hostOf(request.headers.host) };
    return trusted && isTrusted(trusted, address) ? beforeProxies(request, own, trusted) : own;
  };
}

/**
 * @param list addresses and networks, like 10.0.0.0/8
 * @throws Error naming the one that is neither
 */
export function trustedProxies(list: readonly string[]): BlockList | undefined {
  if (list.length === 0) return undefined;
  const trusted = new BlockList();
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (version === 0 || !isPrefix || entry.split('/').length > 2) {
      throw new Error(`TRUSTED_PROXIES: "${entry}" is no address and no network like 10.0.0.0/8`);
    }
    const family = version === 4 ? 'ipv4' : 'ipv6';
    trusted.addSubnet(address, bits === undefined ? most : Number(bits), family);
  }
  return trusted;
}

function beforeProxies(request: IncomingMessage, own: Client, trusted: BlockList): Client {
  const hops = hopsOf(request);
  let address = own.address;
  for (const hop of hops.slice(-MAX_HOPS).reverse()) {
    if (isIP(hop) === 0) break;
    address = hop;
    if (!isTrusted(trusted, hop)) break;
  }
  const { 'x-forwarded-proto': proto, 'x-forwarded-host': host } = request.headers;
  return {
    address,
    scheme: lastOf(proto) === 'https' ? 'https' : 'http',
    host: hostOf(lastOf(host)) || own.host,
  };
}

function hopsOf({ headers }: IncomingMessage): readonly string[] {
  const older = headers['x-forwarded-for'];
  if (older !== undefined) return String(older).split(',').map(hopAddress);
  const forwarded = headers.forwarded;
  if (forwarded === undefined) return [];
  return forwarded.split(',').map((hop) => hopAddress(/(?:^|;)\s*for=("[^"]*"|[^;]*)/i.exec(hop)?.[1] ?? ''));
}

/** Without quotes, brackets and port. */
function hopAddress(hop: string): string {
  const bare = hop.trim().replace(/^"|"$/g, '');
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(bare)?.[1];
  return plain(bracketed ?? bare.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'));
}

function isTrusted(trusted: BlockList, address: string): boolean {
  return trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const lastOf = (value: string | string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value).split(',').at(-1)?.trim();

/** A host that could be one; it goes into headers, and into what the client is told. */
const hostOf = (host: string | undefined): string => (host !== undefined && HOST.test(host) ? host : '');

/** IPv4 in its own form, as it is also written down elsewhere. */
const plain = (address: string): string => MAPPED.exec(address)?.[1] ?? address;
