import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import { fromRecord, toRecord, type CloudEvent } from '@ebb/events';
import fc from 'fast-check';
import type { DeliveryKey } from '../database.ts';
import { pendingEventOf } from '../outbox/pending-event.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { discardParked } from './discard-parked.ts';
import { editParked } from './edit-parked.ts';
import { redriveParked } from './redrive-parked.ts';

/** What happens next, to whatever of it there is at that moment; `pick` chooses among several. */
type Step =
  | { readonly do: 'publish'; readonly key: string }
  | { readonly do: 'deliver' | 'redeliver'; readonly key: string; readonly fails: boolean; readonly twice: boolean }
  | { readonly do: 'redrive' | 'discard' | 'edit'; readonly pick: number };

const key = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), key }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('deliver' as const, 'redeliver' as const),
      key,
      fails: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('redrive' as const, 'discard' as const, 'edit' as const),
      pick: fc.nat(7),
    }),
  },
);

/** Events of three keys, brought to one ordered function as a broker would: one topic for what is new, one for what is sent again. */
class World {
  readonly #service: ServiceDatabase;
  readonly #fn: string;
  readonly #fresh = new Map<string, CloudEvent[]>();
  readonly #again = new Map<string, CloudEvent[]>();
  /** By key: the order of publishing, without what was discarded. */
  readonly expected = new Map<string, number[]>();
  #published = 0;
  #seenOutbox = '0';

  constructor(service: ServiceDatabase, fn: string) {
    this.#service = service;
    this.#fn = fn;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.#step(each);
    // In the end everything that failed is mended and sent on; what waits behind it must follow by itself.
    await this.#drain();
    for (let round = 0; round < 50; round += 1) {
      const failed = (await this.#open()).filter(({ reason }) => reason !== 'behind');
      if (failed.length === 0) break;
      for (const { id } of failed) await redriveParked(this.#service.outside, 'shop', id, { force: true });
      await this.#drain();
    }
  }

  #step(each: Step): Promise<void> {
    if (each.do === 'publish') return this.#publish(each.key);
    if ('pick' in each) return this.#intervene(each.do, each.pick);
    return this.#deliver(each.do === 'deliver' ? this.#fresh : this.#again, each.key, each.fails, each.twice);
  }

  async effects(): Promise<Record<string, number[]>> {
    const rows = await this.#service.rows<{ what: string }>('select what from effect where what like $1 order by seq', [
      `${this.#fn} %`,
    ]);
    const byKey: Record<string, number[]> = {};
    for (const { what } of rows) {
      const [, of = '', nth = ''] = what.split(' ');
      (byKey[of] ??= []).push(Number(nth));
    }
    return byKey;
  }

  async #publish(of: string): Promise<void> {
    this.#published += 1;
    const event = exampleEvent({ partitionkey: of, data: { nth: this.#published } });
    queueOf(this.#fresh, of).push(event);
    queueOf(this.expected, of).push(this.#published);
    await Promise.resolve();
  }

  async #deliver(from: Map<string, CloudEvent[]>, of: string, fails: boolean, twice: boolean): Promise<void> {
    await this.#poll();
    const [event] = queueOf(from, of);
    if (!event) return;
    for (let time = 0; time < (twice ? 2 : 1); time += 1) {
      const { outcome } = await this.#service.database.deliver(this.#deliveryOf(event), async ({ db }) => {
        if (fails) throw new TerminalError('broken');
        const { nth } = event.data as { nth: number };
        await db`insert into effect (what) values (${`${this.#fn} ${of} ${nth}`})`;
      });
      expect(outcome).toMatch(/done|duplicate|parked/);
    }
    queueOf(from, of).shift();
  }

  #deliveryOf(event: CloudEvent): DeliveryKey {
    // Through a record and back: what a topic keeps of it.
    const { event: read } = fromRecord(toRecord(event));
    return deliveryOf(read, { fn: this.#fn, order: 'ordered' });
  }

  async #intervene(what: 'redrive' | 'discard' | 'edit', pick: number): Promise<void> {
    const open = await this.#open();
    const row = open[pick % Math.max(1, open.length)];
    if (!row) return;
    const { outside } = this.#service;
    if (what === 'redrive') await redriveParked(outside, 'shop', row.id, { force: pick % 2 === 0 });
    if (what === 'edit') await editParked(outside, 'shop', row.id, { data: { nth: row.nth, mended: true } });
    if (what !== 'discard') return;
    const { outcome } = await discardParked(outside, 'shop', row.id, 'not wanted');
    expect(outcome).toBe('discarded');
    this.expected.set(
      row.key,
      queueOf(this.expected, row.key).filter((nth) => nth !== row.nth),
    );
  }

  #open(): Promise<{ id: string; key: string; reason: string; nth: number }[]> {
    return this.#service.rows(
      `select id, key, reason, (event -> 'data' ->> 'nth')::int as nth from parked where fn = $1 and closed_at is null order by id`,
      [this.#fn],
    );
  }

  /** What the relay would publish. */
  async #poll(): Promise<void> {
    const rows = await this.#service.rows<{ id: string; topic: string; event: Record<string, unknown> }>(
      `select id, topic, event from outbox where id > $1 and event ->> 'ebbtarget' = $2 order by id`,
      [this.#seenOutbox, `shop/${this.#fn}`],
    );
    for (const row of rows) {
      this.#seenOutbox = row.id;
      const { event } = pendingEventOf(row);
      queueOf(this.#again, event.partitionkey ?? '').push(event);
    }
  }

  async #drain(): Promise<void> {
    for (let moved = true; moved;) {
      moved = false;
      for (const queue of [this.#fresh, this.#again]) {
        await this.#poll();
        for (const [of, events] of queue) {
          if (events.length === 0) continue;
          moved = true;
          await this.#deliver(queue, of, false, false);
        }
      }
    }
  }
}

function queueOf<T>(queues: Map<string, T[]>, of: string): T[] {
  const known = queues.get(of) ?? [];
  queues.set(of, known);
  return known;
}

describe('parking per key', () => {
  let service: ServiceDatabase;
  let worlds = 0;

  beforeAll(async () => {
    service = await serviceDatabase();
    await service.rows('alter table effect add seq bigint generated always as identity');
  });
  afterAll(() => service.close());

  it('keeps the order of each key through failures, redrives, edits and discards: none lost, none doubled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
        worlds += 1;
        const world = new World(service, `f${worlds}`);
        await world.run(steps);
        const expected = Object.fromEntries([...world.expected].filter(([, nths]) => nths.length > 0));
        expect(await world.effects()).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
