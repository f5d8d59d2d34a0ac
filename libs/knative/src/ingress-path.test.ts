import { describe, expect, it } from '@jest/globals';
import { parseIngressPath } from './ingress-path.ts';

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
