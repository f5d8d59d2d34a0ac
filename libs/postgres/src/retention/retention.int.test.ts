import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { trimInbox } from './trim-inbox.ts';
import { trimOutbox } from './trim-outbox.ts';

describe('retention', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
  });
  afterAll(() => service.close());

  it('forgets deliveries past their time, but none that is parked', async () => {
    const short = service.open({ inboxRetentionMs: -1 });
    await short.deliver(deliveryOf(), () => Promise.resolve());
    await short.deliver(deliveryOf(), () => Promise.reject(new TerminalError('never')));
    await service.database.deliver(deliveryOf(), () => Promise.resolve());
    expect(await trimInbox(service.outside, 'shop')).toBe(1);
    expect(await service.rows('select status from inbox order by status')).toEqual([
      { status: 'done' },
      { status: 'parked' },
    ]);
  });

  it('drops events that were published long ago, over several batches', async () => {
    await service.rows(
      `insert into outbox (shard, topic, event, published_at)
       select 0, 'things', '{}', now() - interval '8 days' from generate_series(1, 5500)`,
    );
    await service.rows(`insert into outbox (shard, topic, event, published_at) values (0, 'things', '{}', now())`);
    await service.database.transaction((tx) => tx.enqueue([{ event: exampleEvent(), topic: 'things' }]));
    expect(await trimOutbox(service.outside, 'shop')).toBe(5_500);
    expect(await service.rows('select id from outbox')).toHaveLength(2);
    expect(await trimOutbox(service.outside, 'shop', { retentionMs: -1 })).toBe(1);
  });
});
