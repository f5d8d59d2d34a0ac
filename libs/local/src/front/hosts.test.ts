import { describe, expect, it } from '@jest/globals';
import { targetOf } from './hosts.ts';

describe('targetOf', () => {
  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST'])(
    'takes %s for the platform',
    (host) => {
      expect(targetOf(host)).toEqual({ kind: 'platform' });
    },
  );

  it.each(['orders.localhost', 'orders.localhost:8080', 'orders.default.localhost', 'Orders.Localhost'])(
    'takes %s for a service',
    (host) => {
      expect(targetOf(host)).toEqual({ kind: 'service', name: 'orders' });
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '../x.localhost',
    '-.localhost',
    'a.b.c.localhost',
  ])('takes %s for a stranger', (host) => {
    expect(targetOf(host)).toEqual({ kind: 'stranger' });
  });
});
