import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { discardParked } from '../parked/discard-parked.ts';
import { editParked } from '../parked/edit-parked.ts';
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

  it.each([1, 30])('remembers what a person closed for as long as any other delivery: %i days', async (days) => {
    const { outside, schema } = service;
    const closedFor = async (hours: number): Promise<void> => {
      await service.rows(`update parked set closed_at = now() - $1 * interval '1 hour' where closed_at is not null`, [
        hours,
      ]);
      await service.rows(
        `update inbox set expires_at = created_at - $1 * interval '1 hour' + (expires_at - created_at) where expires_at < 'infinity'`,
        [hours],
      );
      await trimInbox(outside, schema);
      await trimParked(outside, schema, { retentionMs: days * 86_400_000 });
    };
    const fn = `closed-${days}`;
    const parked = async (delivery = deliveryOf(exampleEvent(), { fn })) => {
      await service.database.deliver(delivery, () => Promise.reject(new TerminalError('never')));
      const [row] = await service.rows<{ id: string }>(`select id from parked where event_id = $1`, [delivery.id]);
      return { delivery, id: row!.id };
    };
    const [discarded, edited, sentAgain, open] = [
      await parked(),
      await parked(),
      await parked(deliveryOf(exampleEvent(), { fn, businessKey: 'invoice-1' })),
      await parked(),
    ];
    await discardParked(outside, schema, discarded.id, 'a test');
    await editParked(outside, schema, edited.id, { data: { n: 1 } });
    await editParked(outside, schema, sentAgain.id, { data: { n: 2 } });
    await service.rows(
      `insert into step (fn, source, event_id, name, nth, state) values ($1, '/svc/shop', $2, 'one', 1, 'done')`,
      [fn, discarded.delivery.id],
    );
    const known = async () => (await service.rows(`select 1 from inbox where fn = $1`, [fn])).length;
    const comesAgain = async () =>
      (await service.database.deliver(discarded.delivery, () => Promise.resolve())).outcome;
    const before = await known();
    await closedFor(days * 24 - 1);
    expect([await known(), await comesAgain()]).toEqual([before, 'parked']);
    await closedFor(days * 24 + 1);
    // What waits for a person, and the event in the place of the one that was edited, are not over.
    const left = await service.rows(
      `select i.status, p.replaces is not null as follows from inbox i join parked p on p.id = i.parked_id where i.fn = $1 order by 2`,
      [fn],
    );
    expect(left).toEqual([
      { status: 'parked', follows: false },
      { status: 'failed', follows: true },
    ]);
    expect(await known()).toBe(2);
    expect(await service.rows(`select 1 from step where fn = $1`, [fn])).toEqual([]);
    expect(await service.rows(`select id from parked where fn = $1 and replaces is null`, [fn])).toEqual([
      { id: open.id },
    ]);
  });

  it('tells what the tables hold', async () => {
    // What other connections have done may be counted after this one's vacuum.
    const sizes = await eventually(
      async () => {
        await service.rows('vacuum analyze outbox');
        const [row] = await service.rows<{ n: number }>('select count(*)::int as n from outbox');
        const all = await tableSizes(service.outside, 'shop');
        return all.outbox.rows === row?.n && all;
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
    expect(sizes.inbox.bytes).toBeGreaterThan(0);
  });
});
