import { describe, expect, it } from '@jest/globals';
import { resolveDestination } from './destination.ts';

const resolve = (destination: Parameters<typeof resolveDestination>[0]) =>
  resolveDestination(destination, 'default', (name) => name === 'orders');
const orders = { kind: 'service', service: 'orders' };

describe('a destination', () => {
  it.each([
    [{ ref: { kind: 'Service', name: 'orders' } }, { ...orders, path: '/' }],
    [
      { ref: { kind: 'Service', name: 'orders' }, uri: '/functions/f?a=1' },
      { ...orders, path: '/functions/f?a=1' },
    ],
    [{ uri: 'http://orders.localhost:8080/x' }, { ...orders, path: '/x' }],
    [{ uri: 'http://orders.default.svc.cluster.local/x' }, { ...orders, path: '/x' }],
    [{ uri: 'http://orders.default.svc/x' }, { ...orders, path: '/x' }],
    [{ uri: 'http://other.localhost/x' }, { kind: 'http', url: 'http://other.localhost/x' }],
    [{ uri: 'https://example.com' }, { kind: 'http', url: 'https://example.com/' }],
    [{ ref: { kind: 'Broker', name: 'b', namespace: 'n' } }, { kind: 'broker', namespace: 'n', name: 'b' }],
    [{ ref: { kind: 'Channel', name: 'c' } }, { kind: 'unresolved' }],
    [{ ref: { kind: 'Service', name: 'orders' }, uri: 'http://[' }, { kind: 'unresolved' }],
    [{ uri: 'ftp://example.com' }, { kind: 'unresolved' }],
    [{ uri: 'nonsense' }, { kind: 'unresolved' }],
    [{}, { kind: 'unresolved' }],
  ])('%j', (destination, expected) => {
    expect(resolve(destination)).toMatchObject(expected);
  });

  it('has the URL that a cluster would give it', () => {
    expect(resolve({ ref: { kind: 'Service', name: 'orders' }, uri: '/functions/f' }).url).toBe(
      'http://orders.default.svc.cluster.local/functions/f',
    );
  });
});
