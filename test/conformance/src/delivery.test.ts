import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { derivedId, systemClock, TerminalError } from '@ebb/core';
import { createEvent, type CloudEvent } from '@ebb/events';
import { defineFunction, defineRoute, defineSchedule, defineService } from '@ebb/function';
import { testService, type TestService } from '@ebb/testing';
import * as z from 'zod/mini';

import { ParcelLost, ParcelWeighed } from './parcels.fixture.ts';

let ran = 0;

const search = defineFunction('search', {
  on: ParcelWeighed,
  emits: [ParcelLost],
  timeout: '300ms',
  retry: { attempts: 3 },
  concurrency: 50,
  async handle({ data }, { db, emit, attempt, signal }) {
    ran += 1;
    await db`select ${data.grams}::int`;
    await emit(ParcelLost, { parcelId: data.parcelId, lastSeen: `attempt ${attempt}` });
    await emit(ParcelLost, { parcelId: `${data.parcelId}-twin`, lastSeen: '' });
    if (data.grams === 1) throw new TerminalError('nowhere to look');
    if (data.grams === 2 && attempt < 3) throw new Error('not yet');
    if (data.grams === 3) await systemClock.sleep(60_000, signal);
    if (data.grams === 4) await db`select pg_sleep(60)`;
    if (data.grams === 5) throw new Error('never');
  },
});

const search2 = defineFunction('search-by-parcel', {
  on: ParcelWeighed,
  businessKey: ({ parcelId }) => parcelId,
  handle: () => Promise.resolve(),
});

const report = defineRoute('POST /lost', {
  summary: 'Report a loss',
  query: z.object({ fail: z.optional(z.string()), misfit: z.optional(z.string()) }),
  answers: { 201: { schema: z.array(z.object({ one: z.int() })) } },
  access: 'anyone',
  emits: [ParcelLost],
  async handle({ query }, { transaction }) {
    const rows = await transaction(async ({ db, emit }) => {
      await emit(ParcelLost, { parcelId: 'p', lastSeen: 'here' });
      if (query.fail !== undefined) throw new Error('after all not');
      if (query.misfit !== undefined) await emit(ParcelLost, JSON.parse('{"parcelId":7}') as typeof ParcelLost.example);
      return db<{ one: number }>`select 1 as one`;
    });
    return { status: 201, body: rows };
  },
});

const nightly = defineSchedule('nightly', {
  cron: '0 3 * * *',
  emits: ParcelLost,
  data: { parcelId: 'p-0', lastSeen: 'at night' },
});

const lost = defineService('lost-and-found', {
  functions: [search, search2],
  routes: [report],
  schedules: [nightly],
  database: { migrations: 'migrations' },
});

let service: TestService;
beforeAll(async () => {
  service = await testService(lost);
}, 60_000);
afterAll(() => service.close());

let nth = 0;
const weighed = (grams: number, parcelId = `p-${(nth += 1)}`): CloudEvent =>
  createEvent(ParcelWeighed, { parcelId, grams }, { source: '/scales', extensions: { correlationid: 'c-1' } });

describe('a delivery to a service with a database', () => {
  it('takes effect once, also when it comes fifty times at once', async () => {
    ran = 0;
    const event = weighed(10);
    const deliveries = await Promise.all(Array.from({ length: 50 }, () => service.deliver('search', event)));
    const outcomes = new Set(deliveries.map(({ outcome }) => outcome));
    expect(ran).toBe(1);
    expect([...outcomes].every((outcome) => ['done', 'duplicate', 'conflict'].includes(outcome))).toBe(true);
    expect((await service.deliver('search', event)).outcome).toBe('duplicate');
  });

  it('emits with ids that follow from the event, and its lineage', async () => {
    const event = weighed(10);
    const { emitted } = await service.deliver('search', event);
    const key = ['search', event.source, event.id].join('\u0000');
    expect(emitted).toMatchObject([
      { id: derivedId(`${key}\u00000`), subject: event.subject, correlationid: 'c-1', causationid: event.id },
      { id: derivedId(`${key}\u00001`), subject: `${event.subject ?? ''}-twin`, source: '/svc/lost-and-found' },
    ]);
  });

  it('parks what can never succeed, and what does not fit', async () => {
    expect(await service.deliver('search', weighed(1))).toMatchObject({
      outcome: 'parked',
      reason: 'terminal',
      emitted: [],
    });
    const misfit: CloudEvent = { ...weighed(1), data: { parcelId: 'p' } };
    expect(await service.deliver('search', misfit)).toMatchObject({ outcome: 'parked', reason: 'schema' });
    const stranger = createEvent(ParcelLost, ParcelLost.example, { source: '/scales' });
    expect(await service.deliver('search', stranger)).toMatchObject({ outcome: 'parked', reason: 'schema' });
  });

  it('counts attempts across deliveries, and parks after the last', async () => {
    const slow = weighed(2);
    expect((await service.deliver('search', slow)).outcome).toBe('retry');
    expect((await service.deliver('search', slow)).outcome).toBe('retry');
    expect((await service.deliver('search', slow)).emitted[0]).toMatchObject({ data: { lastSeen: 'attempt 3' } });
    const hopeless = weighed(5);
    await service.deliver('search', hopeless);
    await service.deliver('search', hopeless);
    expect(await service.deliver('search', hopeless)).toMatchObject({ outcome: 'parked', reason: 'budget' });
  });

  it.each([
    ['waits', 3],
    ['is inside a statement', 4],
  ])('rolls back when the time is over while the handler %s', async (_case, grams) => {
    const started = Date.now();
    const delivery = await service.deliver('search', weighed(grams));
    expect(delivery).toMatchObject({ outcome: 'retry', emitted: [], problem: { status: 503 } });
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('takes two events with one business key for the same', async () => {
    expect((await service.deliver('search-by-parcel', weighed(10, 'same'))).outcome).toBe('done');
    expect((await service.deliver('search-by-parcel', weighed(10, 'same'))).outcome).toBe('duplicate');
  });
});

describe('a route with a transaction', () => {
  it('commits its SQL and its events together', async () => {
    const reply = await service.request('POST', '/lost');
    expect(reply.status).toBe(201);
    expect(reply.emitted).toMatchObject([{ subject: 'p', correlationid: reply.headers['x-request-id'] }]);
    expect(reply.emitted[0]).not.toHaveProperty('causationid');
  });

  it('emits nothing when it fails', async () => {
    expect(await service.request('POST', '/lost?fail')).toMatchObject({ status: 500, emitted: [] });
  });

  it('does not blame the caller for an event that does not fit', async () => {
    expect(await service.request('POST', '/lost?misfit')).toMatchObject({ status: 500, emitted: [] });
  });
});

describe('a schedule that is due', () => {
  const ping = (id: string) =>
    service.request('POST', '/schedules/nightly', {
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': id,
        'ce-source': '/apis/v1/namespaces/default/pingsources/lost-and-found-nightly',
        'ce-type': 'dev.knative.sources.ping',
      },
      body: { schedule: 'nightly' },
    });

  const published = () =>
    service.db`select event ->> 'subject' as subject from outbox
               where event #>> '{data,lastSeen}' = 'at night' order by id`;

  it('publishes its event once, however often the ping comes', async () => {
    expect((await ping('tick-1')).status).toBe(204);
    expect((await ping('tick-1')).status).toBe(204);
    expect(await published()).toEqual([{ subject: 'p-0' }]);
    expect((await ping('tick-2')).status).toBe(204);
    expect(await published()).toHaveLength(2);
  });

  it('is not found under another name', async () => {
    expect((await service.request('POST', '/schedules/nobody')).status).toBe(404);
  });
});
