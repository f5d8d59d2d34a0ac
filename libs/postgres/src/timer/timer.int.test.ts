import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deferred, TerminalError } from '@ebb/core';
import { MAX_RECORD_BYTES } from '@ebb/events';
import type { Transaction } from '../database.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { moveDueTimers } from './move-due-timers.ts';

const HOUR_MS = 3_600_000;
const PAST = new Date(Date.now() - HOUR_MS);

describe('timers', () => {
  let service: ServiceDatabase | undefined;

  const use = (): ServiceDatabase => service!;
  beforeEach(async () => {
    await service?.close();
    service = await serviceDatabase();
  });
  afterAll(() => service?.close());

  const timer = (name: string, dueAt: Date = PAST) => ({
    name,
    dueAt,
    event: exampleEvent({ id: name }),
    topic: 'things',
  });
  const write = (run: (tx: Transaction) => Promise<void>): Promise<void> => use().database.transaction(run);
  const move = (limit = 100): Promise<number> => moveDueTimers(use().outside, 'shop', limit);
  const names = async (): Promise<unknown[]> =>
    (await use().rows<{ name: string }>('select name from timer order by name')).map(({ name }) => name);
  const published = async (): Promise<unknown[]> =>
    (await use().rows<{ event: { id: string } }>('select event from outbox order by id')).map(({ event }) => event.id);

  it('move into the outbox when they are due, the earliest first, those of one moment in the order of their calls', async () => {
    await write(async (tx) => {
      await tx.schedule(timer('c'));
      await tx.schedule(timer('a'));
      await tx.schedule(timer('b', new Date(PAST.getTime() - 1)));
      await tx.schedule({ name: 'later', afterMs: HOUR_MS, event: exampleEvent(), topic: 'things' });
      await tx.schedule({ name: 'now', afterMs: 0, event: exampleEvent({ id: 'now' }), topic: 'things' });
    });
    expect([await move(2), await move(2), await move(2)]).toEqual([2, 2, 0]);
    expect(await published()).toEqual(['b', 'c', 'a', 'now']);
    expect(await names()).toEqual(['later']);
  });

  it('carry the event as it is', async () => {
    const event = exampleEvent({ partitionkey: 'k', causationid: 'cause', data: { text: 'nul \u0000, ö' } });
    await write((tx) => tx.schedule({ ...timer('a'), event }));
    await move();
    const rows = await use().rows('select topic, partition_key, cause_id, event from outbox');
    expect(rows).toEqual([{ topic: 'things', partition_key: 'k', cause_id: 'cause', event }]);
  });

  it('are one per name: the last call counts', async () => {
    await write(async (tx) => {
      await tx.schedule(timer('moved'));
      await tx.schedule(timer('cancelled'));
    });
    await write(async (tx) => {
      await tx.schedule(timer('moved', new Date(Date.now() + HOUR_MS)));
      await tx.schedule(timer('both', PAST));
      await tx.cancel('both');
      await tx.cancel('cancelled');
      await tx.cancel('unknown');
    });
    await write(async (tx) => {
      await tx.cancel('moved');
      await tx.schedule(timer('moved', new Date(Date.now() + HOUR_MS)));
    });
    expect(await move()).toBe(0);
    expect(await names()).toEqual(['moved']);
  });

  it('are not there when the transaction fails, and may have any name', async () => {
    const long = `nul \u0000 ${'x'.repeat(5_000)}`;
    await use().database.deliver(deliveryOf(), async (tx) => {
      await tx.schedule(timer('a'));
      throw new TerminalError('no');
    });
    expect(await names()).toEqual([]);
    await write((tx) => tx.schedule({ ...timer('a'), name: long }));
    await write((tx) => tx.cancel(long));
    expect(await names()).toEqual([]);
  });

  it('refuse an event that cannot be carried when they are made', async () => {
    const event = exampleEvent({ data: 'x'.repeat(MAX_RECORD_BYTES) });
    await expect(write((tx) => tx.schedule({ ...timer('a'), event }))).rejects.toMatchObject({ code: 'EBB_TOO_LARGE' });
  });

  it('move once when several relays look, and do not wait for one that is being changed', async () => {
    await write(async (tx) => {
      for (let n = 0; n < 50; n += 1) await tx.schedule(timer(`t-${n}`));
    });
    const [held, go] = [deferred(), deferred()];
    const changing = write(async ({ db }) => {
      await db`select from timer where name = 't-7' for update`;
      held.resolve();
      await go.promise;
    });
    await held.promise;
    try {
      await Promise.all([move(10), move(10), move(10)]);
      while ((await move(10)) > 0);
      expect(await names()).toEqual(['t-7']);
    } finally {
      go.resolve();
      await changing;
    }
    expect(await move()).toBe(1);
    expect(new Set(await published()).size).toBe(50);
  });
});
