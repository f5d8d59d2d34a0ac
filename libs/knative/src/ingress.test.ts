import { describe, expect, it } from '@jest/globals';
import { ingressStatus, parseIngressPath, type EventVerdict, type IngressRequest } from './ingress.ts';

describe('a path of the ingress', () => {
  it.each([
    ['/default/orders', '', { namespace: 'default', name: 'orders' }],
    ['/default/orders/', '', { namespace: 'default', name: 'orders' }],
    ['/broker/default/orders', '/broker', { namespace: 'default', name: 'orders' }],
    ['/default/orders', '/broker', undefined],
    ['/default', '', undefined],
    ['/default/orders/more', '', undefined],
    ['//orders', '', undefined],
    ['/', '', undefined],
  ])('%s below "%s" names %o', (path, root, expected) => {
    expect(parseIngressPath(path, root)).toEqual(expected);
  });
});

describe('the ingress', () => {
  const status = (request: Partial<IngressRequest>, verdict: EventVerdict = 'stored'): number =>
    ingressStatus(
      { method: 'POST', path: '/default/orders', ...request },
      ({ name }) => name === 'orders',
      () => verdict,
    );

  it.each<[EventVerdict, number]>([
    ['stored', 202],
    ['invalid', 400],
    ['batch', 400],
    ['too-large', 503],
    ['not-stored', 503],
  ])('answers an event that is %s with %d', (verdict, expected) => {
    expect(status({}, verdict)).toBe(expected);
  });

  it.each<[string, Partial<IngressRequest>, number]>([
    ['the method before the path', { method: 'GET', path: '/nothing' }, 405],
    ['the method before the event', { method: 'PUT' }, 405],
    ['OPTIONS like any other method', { method: 'OPTIONS' }, 405],
    ['the path before the event', { path: '/default/unknown' }, 404],
    ['the shape of the path', { path: '/orders' }, 404],
    ['a probe of a broker', { method: 'GET', isProbe: true }, 200],
    ['a probe of an unknown broker', { method: 'GET', isProbe: true, path: '/default/unknown' }, 404],
    ['a probe of its health', { method: 'GET', isProbe: true, path: '/healthz' }, 200],
    ['a question for its health that is no probe', { method: 'GET', path: '/healthz' }, 405],
  ])('looks at %s', (_what, request, expected) => {
    expect(status(request, 'invalid')).toBe(expected);
  });
});
