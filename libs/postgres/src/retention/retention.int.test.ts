import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { trimInbox } from './trim-inbox.ts';
import { tableSizes } from './table-sizes.ts';
import { trimOutbox } from './trim-outbox.ts';
import { trimParked } from './trim-parked.ts';
import { trimSignals } from './trim-signals.ts';

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

  it('forgets the steps and waits of a delivery with it, and keeps those of one that is not over', async () => {
    await service.rows(
      `with old as (
         insert into inbox (fn, source, event_id, status, payload_sha, expires_at)
         select 'leased', '/s', status, status, '', now() - interval '1 second'
         from unnest(array['done', 'failed', 'running', 'waiting']) status returning *
       ), steps as (
         insert into step (fn, source, event_id, name, nth, state) select fn, source, event_id, 'one', 1, 'done' from old
       )
       insert into wait (fn, source, event_id, name, type, key, event) select fn, source, event_id, 'one', 't', 'k', '{}' from old`,
    );
    expect(await trimInbox(service.outside, 'shop')).toBe(2);
    for (const table of ['step', 'wait']) {
      expect(await service.rows(`select event_id from ${table} where fn = 'leased' order by 1`)).toEqual([
        { event_id: 'running' },
        { event_id: 'waiting' },
      ]);
    }
  });

  it('drops signals that nobody waited for in time', async () => {
    await service.rows(
      `insert into signal (fn, type, key, source, event_id, event, expires_at)
       select 'f', 't', 'k', '/s', id::text, '{}', now() + (2 * id - 3) * interval '1 hour' from generate_series(1, 3) id`,
    );
    expect(await trimSignals(service.outside, 'shop')).toBe(1);
  });

  it('drops parked events that were closed long ago, unless their delivery is under way again', async () => {
    const old = (id: string, closed: string): Promise<unknown> =>
      service.rows(
        `insert into parked (fn, target, source, event_id, shard, reason, error, event, payload_sha, attempt, closed_at, closed_as)
         values ('f', 'shop/f', '/s', $1, 0, 'terminal', 'no', '{}', $1, 1, ${closed}, 'done')`,
        [id],
      );
    await old('long ago', `now() - interval '15 days'`);
    await old('again', `now() - interval '15 days'`);
    await old('lately', `now() - interval '13 days'`);
    await service.rows(
      `insert into inbox (fn, source, event_id, status, payload_sha, expires_at) values ('f', '/s', 'again', 'failed', '', 'infinity')`,
    );
    expect(await trimParked(service.outside, 'shop')).toBe(1);
    expect(await service.rows(`select event_id from parked where fn = 'f' order by 1`)).toEqual([
      { event_id: 'again' },
      { event_id: 'lately' },
    ]);
  });

  it('tells what the tables hold', async () => {
    await service.rows('vacuum analyze outbox');
    const sizes = await tableSizes(service.outside, 'shop');
    const [row] = await service.rows<{ n: number }>('select count(*)::int as n from outbox');
    expect(sizes.outbox.rows).toBe(row?.n);
    expect(sizes.inbox.bytes).toBeGreaterThan(0);
  });
});
