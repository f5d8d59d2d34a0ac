import { EbbError, systemClock, type Problem } from '@ebb/core';
import { TARGET_ATTRIBUTE, type CloudEvent } from '@ebb/events';
import type { ServiceDefinition } from '@ebb/function';
import type { Advanced, Delivery, Woken } from './delivery.ts';
import { messageOf, type Handled, type Message } from './host.ts';
import { letPass, nextDueMs } from './passing-time.ts';
import type { Runtime } from './runtime.ts';
import { takers } from './takers.ts';
import type { Storage } from './storage.ts';

/** A real broker waits between its tries; here somebody waits for the test. */
const RETRY_PAUSE_MS = 10;
/** More than any retry budget: a function that fails for good is parked before. */
const MAX_TRIES = 200;
/** What wakes itself for ever must not keep a test from ending. */
const MAX_DELIVERIES = 1_000;
const MANY = 1_000;

export interface BrokerOptions {
  readonly definition: ServiceDefinition;
  readonly runtime: Runtime;
  readonly storage: Storage | undefined;
  /** Gives a message to a process of the service; resolves to `crashed` when that died of it. */
  readonly handle: (message: Message) => Promise<Handled | 'crashed'>;
}

/** Stands for broker and relay: delivers to the functions of one service, also what they ask to be sent again or later. */
export class Broker {
  readonly #options: BrokerOptions;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** Delivers one event as {@link deliverAll} does. */
  async deliver(fn: string, event: CloudEvent): Promise<Delivery> {
    const [delivery] = await this.deliverAll(fn, [event]);
    if (!delivery) throw new TypeError('an event has one delivery');
    return delivery;
  }

  /** Delivers in one request, and what that sets off at once; again only to a process that died. */
  async deliverAll(fn: string, events: readonly CloudEvent[]): Promise<readonly Delivery[]> {
    const deliveries = await this.#deliver(fn, events, false);
    const woken = await this.#deliverWoken();
    return deliveries.map((delivery, at) => (at === 0 ? { ...delivery, woken } : delivery));
  }

  /** Delivers until the event needs no further delivery. */
  async settle(fn: string, event: CloudEvent): Promise<Delivery> {
    const [delivery] = await this.#deliver(fn, [event], true);
    if (!delivery) throw new TypeError('an event has one delivery');
    return { ...delivery, woken: await this.#deliverWoken() };
  }

  /** Lets time pass, and delivers what comes due in the meantime, each at its time. */
  async advance(ms: number): Promise<Advanced> {
    const storage = this.#storage();
    const [published, delivered]: [CloudEvent[], Woken[]] = [[], []];
    let left = ms;
    for (let round = 0; round < MAX_DELIVERIES; round += 1) {
      const dueMs = Math.max(0, (await nextDueMs(storage)) ?? Infinity);
      if (dueMs > left) {
        await letPass(storage, left);
        return { published, delivered };
      }
      await letPass(storage, dueMs);
      left -= dueMs;
      const due = await this.#deliverDue(storage);
      published.push(...due.published);
      delivered.push(...due.delivered);
    }
    throw new EbbError('EBB_RUNTIME', `there was still something due after ${MAX_DELIVERIES} rounds`);
  }

  /** Sends a parked event to its function again, as a person does. */
  async redrive(id: string): Promise<readonly Woken[]> {
    const { outside, schema } = this.#storage();
    const { outcome } = await this.#options.runtime.redriveParked(outside, schema, id);
    if (outcome !== 'redriven') throw new EbbError('EBB_RUNTIME', `parked event ${id} was not sent again: ${outcome}`);
    return this.#deliverWoken();
  }

  async #deliverDue(storage: Storage): Promise<Advanced> {
    const { runtime, definition } = this.#options;
    const end = await storage.end();
    await runtime.moveDueTimers(storage.outside, storage.schema, MANY);
    const published = await storage.emittedSince(end);
    await runtime.sendDueParked(storage.outside, storage.schema);
    const delivered = await this.#deliverWoken();
    for (const event of published) {
      for (const fn of await takers(definition, event)) {
        const delivery = await this.settle(fn, event);
        delivered.push({ fn, event, ...delivery });
      }
    }
    return { published, delivered };
  }

  async #deliverWoken(): Promise<Woken[]> {
    const { storage, definition } = this.#options;
    const delivered: Woken[] = [];
    for (let due = await storage?.takeRedeliveries(); due && due.length > 0; due = await storage?.takeRedeliveries()) {
      for (const event of due) {
        const fn = String(event[TARGET_ATTRIBUTE]).slice(definition.name.length + 1);
        const [delivery] = await this.#deliver(fn, [event], true);
        if (delivery) delivered.push({ fn, event, ...delivery });
        if (delivered.length > MAX_DELIVERIES) throw new EbbError('EBB_RUNTIME', 'events wake each other for ever');
      }
    }
    return delivered;
  }

  async #deliver(fn: string, events: readonly CloudEvent[], toTheEnd: boolean): Promise<readonly Delivery[]> {
    const { storage, handle } = this.#options;
    const end = await storage?.end();
    const message = messageOf(fn, events);
    let hasCrashed = false;
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const handled = await handle(message);
      hasCrashed ||= handled === 'crashed';
      if (handled !== 'crashed' && (handled.status === 204 || !(toTheEnd || hasCrashed) || handled.status === 422)) {
        const emitted = end === undefined ? [] : await this.#storage().emittedSince(end);
        return events.map((event) => deliveryOf(handled, event, emitted, hasCrashed));
      }
      // Whoever died holds a lease, and nothing else: waiting for its end would only take time.
      if (hasCrashed) await storage?.endLeases();
      await systemClock.sleep(RETRY_PAUSE_MS);
    }
    throw new EbbError('EBB_RUNTIME', `function "${fn}" did not take its event in ${MAX_TRIES} deliveries`);
  }

  #storage(): Storage {
    const { storage, definition } = this.#options;
    if (!storage) throw new EbbError('EBB_DEFINITION', `service "${definition.name}" has no database`);
    return storage;
  }
}

function deliveryOf(
  { status, text, results }: Handled,
  { source, id }: CloudEvent,
  all: readonly CloudEvent[],
  hasCrashed: boolean,
): Delivery {
  const result = results.findLast((each) => each.source === source && each.id === id);
  const outcome = result?.outcome ?? (status === 204 ? 'done' : status === 503 ? 'retry' : 'rejected');
  // A duplicate, or one that meets another, emitted nothing; only of a process that died the effect may have been there before.
  const isOwn = hasCrashed || (outcome !== 'duplicate' && outcome !== 'conflict');
  return {
    outcome,
    emitted: isOwn ? all.filter(({ causationid }) => causationid === id) : [],
    woken: [],
    ...(result?.reason !== undefined && { reason: result.reason }),
    ...(status !== 204 && { problem: JSON.parse(text) as Problem }),
  };
}
