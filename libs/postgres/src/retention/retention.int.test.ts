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

  it('drops events that were published long ago, over several batches, behind more than a batch that waits', async () => {
    await service.rows(
      `insert into outbox (shard, topic, event, created_at, published_at)
       select 0, topic, '{}', now() - interval '9 days', case topic when 'things' then now() - interval '8 days' end
       from unnest(array['nowhere', 'things']) topic, generate_series(1, 5500) order by topic`,
    );
    await service.rows(`insert into outbox (shard, topic, event, published_at) values (0, 'things', '{}', now())`);
    await service.database.transaction((tx) => tx.enqueue([{ event: exampleEvent(), topic: 'things' }]));
    expect(await trimOutbox(service.outside, 'shop')).toBe(5_500);
    expect(await service.rows(`select id from outbox where topic = 'things'`)).toHaveLength(2);
    expect(await service.rows(`select id from outbox where topic = 'nowhere'`)).toHaveLength(5_500);
    expect(await trimOutbox(service.outside, 'shop', { retentionMs: -1 })).toBe(1);
  });
});
