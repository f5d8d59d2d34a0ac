import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { groupName, resourceName, serviceHost, topicName, triggerName } from './names.ts';

describe('names', () => {
  it('are made of their parts', () => {
    expect(triggerName('inventory', 'reserve-stock')).toBe('inventory-reserve-stock');
    expect(triggerName('inventory', 'audit', 'orders')).toBe('inventory-audit-orders');
    expect(groupName('shop', 'inventory-audit')).toBe('knative-trigger-shop-inventory-audit');
    expect(serviceHost('orders', 'shop', 'example.com')).toBe('orders.shop.example.com');
    expect(serviceHost('orders', 'shop', 'example.com', 'next')).toBe('next-orders.shop.example.com');
  });

  it('of topics are what the annotation says', () => {
    expect(topicName({ metadata: { name: 'b' } })).toBe('knative-broker-default-b');
    const annotations = { 'kafka.eventing.knative.dev/external.topic': 'orders' };
    expect(topicName({ metadata: { name: 'b', namespace: 'shop', annotations } })).toBe('orders');
  });

  it('are DNS labels of 63 characters at most, and differ where their parts do', () => {
    const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, label, label, (one, two, other) => {
        const name = resourceName(one, two);
        expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
        if (`${one}-${two}` !== `${one}-${other}`) expect(resourceName(one, other)).not.toBe(name);
      }),
    );
  });
});
