import { describe, expect, it } from '@jest/globals';
import type { EventDefinition } from '@ebb/events';
import * as schemas from './index.ts';

const events = Object.values(schemas).filter(
  (value): value is typeof value & EventDefinition =>
    typeof value === 'object' && 'example' in value && 'topic' in value,
);

describe('the events of the domains', () => {
  it('are all looked at', () => {
    expect(events.map(({ type }) => type).sort()).toEqual([
      'dev.ebb.auth.challenge.issued.v1',
      'dev.ebb.auth.erasure.fell-due.v1',
      'dev.ebb.auth.key-rotation.fell-due.v1',
      'dev.ebb.auth.login.failed.v1',
      'dev.ebb.auth.session.revoked.v1',
      'dev.ebb.auth.tidying.fell-due.v1',
      'dev.ebb.inventory.stock.rejected.v1',
      'dev.ebb.inventory.stock.released.v1',
      'dev.ebb.inventory.stock.reserved.v1',
      'dev.ebb.inventory.stock.restocked.v1',
      'dev.ebb.notifications.alarm.raised.v1',
      'dev.ebb.orders.capture.requested.v1',
      'dev.ebb.orders.order.cancelled.v1',
      'dev.ebb.orders.order.confirmed.v1',
      'dev.ebb.orders.order.expired.v1',
      'dev.ebb.orders.order.placed.v1',
      'dev.ebb.orders.order.rejected.v1',
      'dev.ebb.orders.payment-window.expired.v1',
      'dev.ebb.orders.payment.requested.v1',
      'dev.ebb.orders.stock-release.requested.v1',
      'dev.ebb.orders.void.requested.v1',
      'dev.ebb.payment-provider.authorization.settled.v1',
      'dev.ebb.payment-provider.decision.fell-due.v1',
      'dev.ebb.payments.capture.refused.v1',
      'dev.ebb.payments.payment.authorized.v1',
      'dev.ebb.payments.payment.captured.v1',
      'dev.ebb.payments.payment.declined.v1',
      'dev.ebb.payments.payment.voided.v1',
      'dev.ebb.shipping.label.created.v1',
      'dev.ebb.shipping.shipping.quoted.v1',
      'dev.ebb.shipping.shipping.rejected.v1',
      'dev.ebb.user.account.deleted.v1',
      'dev.ebb.user.account.registered.v1',
      'dev.ebb.user.account.restored.v1',
      'dev.ebb.user.account.updated.v1',
    ]);
  });

  it.each(events.map((event) => [event.type, event] as const))('%s has an example that is valid', (_type, event) => {
    expect(event.parse(event.example)).toEqual(event.example);
    expect(event.key(event.example)).not.toBe('');
  });

  it.each(events.map((event) => [event.type, event] as const))('%s has a JSON Schema', async (_type, event) => {
    expect(await event.jsonSchema()).toMatchObject({ type: 'object' });
  });
});
