import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type CommandResult, type WorkspaceCopy } from '@ebb/testing/local';
import { writeDepot, writeHandler, type Handler } from './depot.fixture.ts';

const ARRIVED = 'dev.ebb.depot.parcel.arrived.v1';

interface Dead {
  readonly id: string;
  readonly reason: string;
  readonly state: string;
  readonly target: string;
  readonly eventId: string;
  readonly traceId?: string;
  readonly error?: string;
}

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, { apps: ['relay'] });
  writeDepot(workspace.root);
  ebb = await Ebb.start(workspace);
}, 120_000);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

/** `expect.stringContaining`, as a string for the compiler. */
const says = (words: string): unknown => expect.stringContaining(words);
const dead = (...args: string[]): Promise<CommandResult> => ebb.cli(['dead', ...args]);
/** Fails with what the command said. */
const out = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await dead(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
};
/** The same that the commands ask, without a process for each look. */
const ask = async <T>(path: string): Promise<T> => (await ebb.http('', `/ebb/v1${path}`)).json<T>();
const list = async (query = ''): Promise<readonly Dead[]> => (await ask<{ items: Dead[] }>(`/dead?${query}`)).items;
const show = (id: string): Promise<Dead> => ask<Dead>(`/dead/${id}`);

async function publish(parcelId: string, route: string, grams: number): Promise<void> {
  const { status } = await ebb.http('', '/ebb/v1/publish', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: ARRIVED, id: parcelId, source: '/cli', data: { parcelId, route, grams } }),
  });
  expect(status).toBe(202);
}

/** Waits until the depot has these parcels of a route, in this order. */
const stores = (route: string, parcels: readonly string[]): Promise<boolean> =>
  eventually(async () => JSON.stringify(await stored(route)) === JSON.stringify(parcels), { timeoutMs: 30_000 });

async function stored(route: string): Promise<readonly string[]> {
  return (await ebb.http('depot', `/routes/${route}`)).json<string[]>();
}

const parked = (parcelId: string): Promise<Dead> =>
  until(async () => (await list('service=depot')).find(({ eventId }) => eventId === parcelId));

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined;
  await eventually(async () => (found = await look()) !== undefined, { timeoutMs: 20_000, intervalMs: 200 });
  if (found === undefined) throw new Error('unreachable');
  return found;
}

async function mend(handler: Handler): Promise<void> {
  const revision = async (): Promise<string | undefined> => {
    const { services } = await ask<{ services: { name: string; revision: string }[] }>('/status');
    return services.find(({ name }) => name === 'depot')?.revision;
  };
  const before = await revision();
  writeHandler(workspace.root, handler);
  await eventually(async () => (await revision()) !== before, { timeoutMs: 60_000, intervalMs: 200 });
}

describe('an event whose function is broken', () => {
  it('is parked with its stack, and a later one of its key behind it', async () => {
    expect(await out('list')).toBe('Nothing is parked.\n');
    await publish('a-1', 'a', 1_500);
    const { id, reason, target } = await parked('a-1');
    expect(await out('list', '--since', '1h')).toMatch(
      /depot:1 +budget +waiting +depot\/store-parcel .* RangeError: the scales end/,
    );
    expect({ reason, target }).toEqual({ reason: 'budget', target: 'depot/store-parcel' });
    await publish('a-2', 'a', 1);
    expect(await parked('a-2')).toMatchObject({ reason: 'behind', state: 'waiting' });
    const shown = await out('show', id);
    expect(shown).toContain('RangeError: the scales end at 1000 g');
    expect(shown).toMatch(/store-parcel\.ts:\d+/);
    expect(shown).toContain('"grams": 1500');
    const { stdout } = await ebb.cli(['status']);
    expect(stdout).toContain('depot: 1 event(s) parked (1 budget, 1 behind them)');
    expect(stdout).not.toContain('redelivery');
    expect(await dead('redrive', (await parked('a-2')).id)).toMatchObject({
      code: 2,
      stderr: says('goes on by itself'),
    });
    expect(await out('redrive', id, '--dry-run')).toContain('It would fail, and be tried again.');
  }, 60_000);

  it('is shown what it would do once the function is mended, and takes effect when it is sent again', async () => {
    await mend('strict');
    const { id, traceId } = await show((await parked('a-1')).id);
    const dry = await out('redrive', id, '--dry-run');
    expect(dry).toContain('It would take effect. Everything was rolled back.');
    expect(dry).toContain('Table parcels: 1 inserted, 0 updated, 0 deleted');
    expect(dry).toContain('"parcel_id":"a-1"');
    expect(dry).toContain('dev.ebb.depot.parcel.stored.v1 to depot');
    expect(await stored('a')).toEqual([]);

    await out('redrive', id);
    await stores('a', ['a-1', 'a-2']);
    expect(await show(id)).toMatchObject({ state: 'done' });
    expect(await list('service=depot')).toEqual([]);
    expect(await dead('redrive', id)).toMatchObject({
      code: 2,
      stderr: says('it is over'),
    });
    // The way to the effect is part of the trace that the event began in.
    await eventually(
      async () => {
        const { stdout } = await ebb.cli(['trace', traceId ?? '']);
        return ['deliver depot-store-parcel-redelivery', 'emit dev.ebb.depot.parcel.stored.v1'].every((hop) =>
          stdout.includes(hop),
        );
      },
      { timeoutMs: 20_000, intervalMs: 300 },
    );
  }, 120_000);
});

describe('a parked event', () => {
  it('may be edited, if the new payload fits and stays with its key', async () => {
    await publish('b-1', 'b', 13);
    const { id } = await parked('b-1');
    const edit = (data: object) => dead('edit', id, '--data', JSON.stringify(data), '--note', 'weighed again');
    expect(await edit({ parcelId: 'b-1', route: 'b', grams: 'much' })).toMatchObject({
      code: 2,
      stderr: says('/grams'),
    });
    expect(await edit({ parcelId: 'b-1', route: 'c', grams: 14 })).toMatchObject({
      code: 2,
      stderr: says('/route may not change'),
    });
    expect(await edit({ parcelId: 'b-1', route: 'b', grams: 14 })).toMatchObject({ code: 0 });
    await stores('b', ['b-1']);
    expect(await show(id)).toMatchObject({ state: 'edited', note: 'weighed again' });
    const [successor] = (await list('service=depot&closed=1')).filter(
      ({ state, eventId }) => state === 'done' && eventId !== 'a-1' && eventId !== 'a-2',
    );
    expect(await show(successor?.id ?? '')).toMatchObject({
      replaces: id,
      event: { causationid: 'b-1', data: { grams: 14 } },
    });
  }, 60_000);

  it('may be discarded with a reason, and then never takes effect', async () => {
    await publish('d-1', 'd', 13);
    const { id } = await parked('d-1');
    await publish('d-2', 'd', 1);
    await parked('d-2');
    expect((await dead('discard', id)).code).toBe(2);
    await out('discard', id, '--note', 'a test parcel');
    await stores('d', ['d-2']);
    expect(await show(id)).toMatchObject({ state: 'discarded', note: 'a test parcel' });
  }, 60_000);

  it('is not sent again for ever', async () => {
    await publish('e-1', 'e', 13);
    const { id } = await parked('e-1');
    for (let nth = 1; nth <= 5; nth += 1) {
      await out('redrive', id);
      await until(async () => ((await show(id)).state === 'waiting' ? true : undefined));
    }
    expect(await dead('redrive', id)).toMatchObject({
      code: 2,
      stderr: says('mend the cause first'),
    });
    await out('redrive', id, '--force');
    await until(async () => ((await show(id)).state === 'waiting' ? true : undefined));
    await out('discard', id, '--note', 'seen enough');
  }, 120_000);

  it('is sent again with all others that match, at a rate', async () => {
    const ids = Array.from({ length: 6 }, (_, nth) => `f-${nth}`);
    for (const id of ids) await publish(id, id, 13);
    await eventually(async () => (await list('reason=terminal')).length === ids.length, { timeoutMs: 20_000 });
    await mend('lenient');
    const filter = ['--function', 'store-parcel', '--type', 'dev.ebb.depot.*', '--since', '1h'];
    expect(await out('redrive', ...filter, '--dry-run')).toContain(`${ids.length} event(s) would be sent again.`);
    const startedAt = Date.now();
    expect(await out('redrive', ...filter, '--rate', '5')).toContain(`sent ${ids.length} event(s) again`);
    expect(Date.now() - startedAt).toBeGreaterThan(900);
    await eventually(async () => (await list()).length === 0, { timeoutMs: 20_000 });
    for (const id of ids) await stores(id, [id]);
  }, 120_000);
});

describe('a dead letter of a function without a database', () => {
  it('stands in the same list, and is sent straight to where it failed', async () => {
    await publish('g-1', 'nowhere', 1);
    const letter = await until(async () => (await list('service=platform'))[0]);
    expect(letter).toMatchObject({
      id: 'platform:1',
      reason: 'dead-letter',
      target: 'labels/print-label',
      eventId: 'g-1',
    });
    expect(await out('show', letter.id)).toContain(
      '422 from http://labels.default.svc.cluster.local/functions/print-label (terminal: no such route)',
    );
    expect((await dead('redrive', letter.id, '--dry-run')).stderr).toContain('a dry run is not possible');
    expect((await dead('redrive', letter.id)).stderr).toContain('it failed again');
    await out('edit', letter.id, '--data', JSON.stringify({ parcelId: 'g-1', route: 'nowhere', grams: 2 })).catch(
      () => undefined,
    );
    expect(await list('service=platform')).toMatchObject([{ state: 'waiting' }]);
    await out('discard', letter.id, '--note', 'there is no such route');
    expect(await list('service=platform')).toEqual([]);
  }, 60_000);
});

describe('bad input', () => {
  it.each([
    [['show', 'nonsense'], 'it looks like orders:17'],
    [['show', 'depot:999'], 'there is none with this id'],
    [['list', '--reason', 'bad luck'], 'Allowed choices are'],
    [['list', '--since', 'yesterday'], 'must be a time'],
    [['list', '--limit', '0'], 'from 1 to'],
    [['redrive'], 'which ones?'],
    [['redrive', 'depot:1', '--all'], 'not both'],
    [['edit', 'depot:1', '--data', '{'], '--data: not valid JSON'],
  ])('%j is refused with words', async (args, words) => {
    const { code, stderr } = await dead(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });

  it('a dry run is not for anybody who can reach the service', async () => {
    const headers = { 'content-type': 'application/cloudevents+json', 'ebb-dry-run': 'true' };
    const { status } = await ebb.http('depot', '/functions/store-parcel', { method: 'POST', headers, body: '{}' });
    expect(status).toBe(403);
  });
});
