import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { clientReader, trustedProxies } from './client.ts';

function ask(remoteAddress: string, headers: Record<string, string>, trusted: readonly string[] = []) {
  const request = { socket: { remoteAddress }, headers: { host: 'gateway', ...headers } } as unknown as IncomingMessage;
  return clientReader(trustedProxies(trusted))(request);
}

describe('the client of a request', () => {
  it('is who is connected, whatever the request says', () => {
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', forwarded: 'for=1.2.3.4' };
    expect(ask('::ffff:9.9.9.9', headers)).toEqual({ address: '9.9.9.9', scheme: 'http', host: 'gateway' });
    expect(ask('9.9.9.9', headers, ['10.0.0.0/8']).address).toBe('9.9.9.9');
  });

  it('is the nearest that is no trusted proxy', () => {
    const headers = {
      'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.7',
      'x-forwarded-proto': 'http, https',
      'x-forwarded-host': 'api.example.com',
    };
    expect(ask('10.1.1.1', headers, ['10.0.0.0/8'])).toEqual({
      address: '1.2.3.4',
      scheme: 'https',
      host: 'api.example.com',
    });
  });

  it('is found in Forwarded, too', () => {
    const forwarded = 'for=6.6.6.6;proto=http, for="[2001:db8::1]:4711";by=x, For=10.0.0.7:80';
    expect(ask('::1', { forwarded }, ['10.0.0.0/8', '::1']).address).toBe('2001:db8::1');
  });

  it('is the last one that is an address', () => {
    expect(ask('10.1.1.1', { 'x-forwarded-for': 'unknown, 10.0.0.7' }, ['10.0.0.0/8']).address).toBe('10.0.0.7');
    expect(ask('10.1.1.1', { 'x-forwarded-host': 'a b' }, ['10.0.0.0/8']).host).toBe('gateway');
  });

  it.each(['x', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/9', '::1/129', ''])('does not trust "%s"', (entry) => {
    expect(() => trustedProxies([entry])).toThrow('TRUSTED_PROXIES');
  });
});
