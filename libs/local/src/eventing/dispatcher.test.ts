import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TailEntry } from './tail.ts';
import {
  broker,
  delivery,
  instantClock,
  startEventing,
  TRACEPARENT,
  trigger,
  type TestEventing,
} from './eventing.fixture.ts';
import { memoryLog, type MemoryLog } from './memory-log.fixture.ts';
import { startSubscriber, type SeenRequest, type TestAnswer, type TestSubscriber } from './subscriber.fixture.ts';
import { until } from './until.fixture.ts';

let log: MemoryLog;
let test: TestEventing;
const clock = instantClock();
const subscribers: TestSubscriber[] = [];
const entries: TailEntry[] = [];

beforeEach(async () => {
  log = memoryLog();
  clock.slept.length = 0;
  entries.length = 0;
  test = await startEventing(log, { clock, stopTimeoutMs: 500 });
  test.eventing.tail.subscribe((entry) => void entries.push(entry));
  await test.eventing.apply(broker());
});
afterEach(async () => {
  await test.stop();
  await Promise.all(subscribers.splice(0).map((subscriber) => subscriber.close()));
});

type Answering = (request: SeenRequest, nth: number) => TestAnswer | Promise<TestAnswer>;
const listening = async (answer?: Answering) => {
  const subscriber = await startSubscriber(answer);
  subscribers.push(subscriber);
  return subscriber;
};
const subscribed = async (options: Parameters<typeof trigger>[1] = {}, answer?: Answering) => {
  const subscriber = await listening(answer);
  await test.eventing.apply(trigger(`${subscriber.url}/functions/f`, options));
  return subscriber;
};
const status = () => test.eventing.triggers()[0]!;
const settled = (events = 1) =>
  until('all events are finished', () => status().lag === 0 && log.records('orders').length >= events);
const traps = () => test.eventing.traps().map(({ trap }) => trap);
const letters = () => test.deadLetters.list();

describe('a delivery', () => {
  it('is a POST in binary mode with what the data plane adds', async () => {
    const subscriber = await subscribed();
    await test.publish('e-1', { 'ce-partitionkey': 'k', 'ce-time': '2026-01-01T00:00:00Z', 'ce-subject': 'grün' });
    await until('it is delivered', () => subscriber.seen.length === 1);
    const { method, path, headers, body } = subscriber.seen[0]!;
    expect({ method, path, body }).toEqual({ method: 'POST', path: '/functions/f', body: '{"n":1}' });
    expect(headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-source': '/svc/test',
      'ce-type': 'dev.ebb.orders.order.placed.v1',
      'ce-time': '2026-01-01T00:00:00Z',
      'ce-partitionkey': 'k',
      'ce-traceparent': TRACEPARENT,
      'ce-knativekafkaoffset': '0',
      'content-type': 'application/json',
      prefer: 'reply',
      'kn-namespace': 'default',
    });
    expect(headers['ce-knativekafkapartition']).toMatch(/^[0-3]$/);
    expect(headers.traceparent).toMatch(/^00-/);
    await until('it is counted', () => status().delivered === 1 && status().lag === 0);
    expect(traps()).toEqual([]);
  });

  it('reaches each Trigger whose filter passes', async () => {
    const yes = await subscribed({ name: 'yes', filters: [{ exact: { kind: 'a' } }] });
    const no = await subscribed({ name: 'no', filters: [{ exact: { kind: 'b' } }] });
    await test.publish('e-1', { 'ce-kind': 'a' });
    await until('both are finished', () => test.eventing.triggers().every(({ lag }) => lag === 0));
    await until('it is delivered', () => yes.seen.length === 1);
    expect(no.seen).toEqual([]);
  });

  it('starts at the end of the topic for a new Trigger', async () => {
    await test.publish('before');
    const subscriber = await subscribed();
    await test.publish('after');
    await until('it is delivered', () => subscriber.seen.length > 0);
    expect(subscriber.ids()).toEqual(['after']);
  });

  it('survives records that are no events, and events that only leniency takes', async () => {
    const subscriber = await subscribed();
    await log.append('orders', [{ key: 'k', headers: {}, value: Buffer.from('x') }]);
    await test.publish('e-1', { 'ce-specversion': '0.3', 'ce-partitionkey': 'k' });
    await until('it is delivered', () => subscriber.seen.length === 1);
    expect(subscriber.seen[0]?.headers['ce-specversion']).toBe('0.3');
    expect(status().discarded).toBe(1);
    expect(await letters()).toMatchObject([
      { trigger: '', topic: 'orders', reason: 'no-event', value: Buffer.from('x') },
    ]);
  });

  it('waits for a service that does not exist yet', async () => {
    let exists = false;
    await test.stop();
    const asked: string[] = [];
    const serving = {
      has: () => exists,
      request: (service: string, { path }: { path: string }) => {
        asked.push(`${service} ${path}`);
        return Promise.resolve({ status: 204, headers: {}, body: Buffer.alloc(0) });
      },
    };
    test = await startEventing(log, { clock, serving });
    await test.eventing.apply(broker());
    await test.eventing.apply(
      trigger('', { subscriber: { ref: { kind: 'Service', name: 'orders' }, uri: '/functions/f' } }),
    );
    await test.publish('e-1');
    await until('it is behind', () => status().lag === 1);
    expect(status().notReady).toBe('there is no service orders');
    expect(status().subscriber).toBe('http://orders.default.svc.cluster.local/functions/f');
    exists = true;
    await until('it is delivered', () => status().delivered === 1);
    expect(asked).toEqual(['orders /functions/f']);
  });
});

describe('retries', () => {
  it.each([500, 503, 599, 404, 408, 409, 429])('repeat on %d', async (code) => {
    const subscriber = await subscribed({ delivery: delivery(2) }, (_request, nth) => ({
      status: nth < 3 ? code : 204,
    }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(3);
    expect(status()).toMatchObject({ delivered: 1, retried: 2, deadLettered: 0 });
  });

  it.each([300, 302, 307, 400, 401, 403, 410, 413, 422])('do not repeat on %d', async (code) => {
    const sink = await listening();
    const subscriber = await subscribed({ delivery: delivery(5, sink.url) }, () => ({
      status: code,
      headers: { location: '/x' },
    }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(1);
    expect(sink.seen).toHaveLength(1);
    expect(sink.seen[0]?.headers['ce-knativeerrorcode']).toBe(String(code));
  });

  it.each([
    ['linear', [500, 1_000, 1_500, 2_000]],
    ['exponential', [1_000, 2_000, 4_000, 8_000]],
  ] as const)('wait as the data plane does: %s', async (backoffPolicy, waits) => {
    await subscribed({ delivery: delivery(4, undefined, { backoffPolicy, backoffDelay: 'PT0.5S' }) }, () => ({
      status: 500,
    }));
    await test.publish('e-1');
    await settled();
    expect(clock.slept).toEqual(waits);
  });

  it('follow the default policy without a delivery block', async () => {
    const subscriber = await subscribed({}, () => ({ status: 500 }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(11);
    expect(clock.slept.slice(0, 3)).toEqual([400, 800, 1_600]);
  });

  it('repeat when there is no connection, and give the destination alone', async () => {
    const sink = await listening();
    const gone = await startSubscriber();
    await gone.close();
    await test.eventing.apply(trigger(gone.url, { delivery: delivery(2, sink.url) }));
    await test.publish('e-1');
    await settled();
    expect(clock.slept).toEqual([20, 40]);
    const { headers } = sink.seen[0]!;
    expect(headers['ce-knativeerrordest']).toBe(`${gone.url}/`);
    expect(headers).not.toHaveProperty('ce-knativeerrorcode');
    expect(headers).not.toHaveProperty('ce-knativeerrordata');
  });

  it('repeat when the answer takes longer than the timeout', async () => {
    const subscriber = await subscribed(
      { delivery: delivery(1, undefined, { timeout: 'PT0.05S' }) },
      async (_request, nth) => {
        if (nth === 1) await new Promise((resolve) => setTimeout(resolve, 150));
        return { status: 204 };
      },
    );
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(2);
    expect(status()).toMatchObject({ delivered: 1, retried: 1 });
  });
});

describe('dead letters', () => {
  const body = 'x'.repeat(2_000);

  it('carry destination, code and the first 1024 bytes, and go out like any delivery', async () => {
    const sink = await listening();
    const subscriber = await subscribed({ delivery: delivery(1, `${sink.url}/dls`) }, () => ({ status: 500, body }));
    await test.publish('e-1');
    await settled();
    expect(sink.seen).toHaveLength(1);
    expect(sink.seen[0]).toMatchObject({ method: 'POST', path: '/dls', body: '{"n":1}' });
    expect(sink.seen[0]?.headers).toMatchObject({
      'ce-id': 'e-1',
      'ce-knativeerrordest': `${subscriber.url}/functions/f`,
      'ce-knativeerrorcode': '500',
      'ce-knativeerrordata': Buffer.from(body.slice(0, 1_024)).toString('base64'),
      'ce-knativekafkaoffset': '0',
      prefer: 'reply',
      'kn-namespace': 'default',
    });
    expect(status()).toMatchObject({ deadLettered: 1, lost: 0 });
    expect(await letters()).toEqual([]);
  });

  it('without a sink are kept, and told as lost (trap 11)', async () => {
    await subscribed({ delivery: delivery(0) }, () => ({ status: 400, body: 'no' }));
    await test.publish('e-1');
    await settled();
    expect(traps()).toEqual([11]);
    expect(status()).toMatchObject({ deadLettered: 1, lost: 1 });
    expect(await letters()).toMatchObject([
      {
        trigger: 'test',
        eventId: 'e-1',
        reason: 'no-sink',
        offset: 0n,
        attributes: { knativeerrorcode: '400', knativeerrordata: Buffer.from('no').toString('base64') },
      },
    ]);
  });

  it.each([
    [500, 3],
    [400, 1],
  ])('whose sink answers %d are tried %d times, then told as lost (trap 22)', async (code, tries) => {
    const sink = await listening(() => ({ status: code }));
    await subscribed({ delivery: delivery(2, sink.url) }, () => ({ status: 400 }));
    await test.publish('e-1');
    await settled();
    expect(sink.seen).toHaveLength(tries);
    expect(traps()).toEqual([22, 11]);
    expect(await letters()).toMatchObject([{ reason: 'sink-failed' }]);
  });

  it('carry what kne- headers say (trap 15)', async () => {
    const sink = await listening();
    await subscribed({ delivery: delivery(0, sink.url) }, () => ({
      status: 422,
      headers: { 'kne-reason': 'too old' },
    }));
    await test.publish('e-1');
    await settled();
    expect(sink.seen[0]?.headers['ce-reason']).toBe('too old');
    expect(traps()).toEqual([15]);
  });

  it.each(['kne-a-b', 'kne-id', 'kne-type', 'kne-data'])(
    'survive the header %s, which poisons in a cluster (trap 16)',
    async (name) => {
      const sink = await listening();
      await subscribed({ delivery: delivery(0, sink.url) }, () => ({ status: 422, headers: { [name]: 'x' } }));
      await test.publish('e-1');
      await settled();
      expect(sink.seen[0]?.headers['ce-id']).toBe('e-1');
      expect(traps()).toEqual([16]);
      expect(test.eventing.traps()[0]?.message).toContain(name);
    },
  );

  it('may go to a broker', async () => {
    await test.eventing.apply(broker('dead'));
    const sink = { deadLetterSink: { ref: { kind: 'Broker', name: 'dead' } } };
    await subscribed({ delivery: delivery(0, undefined, sink) }, () => ({ status: 400 }));
    await test.publish('e-1');
    await settled();
    expect(log.records('dead')).toHaveLength(1);
    expect(log.records('dead')[0]?.headers).toMatchObject({ ce_id: 'e-1', ce_knativeerrorcode: '400' });
  });
});

describe('answers', () => {
  it('with a body that is no event fail without a retry (trap 5)', async () => {
    const sink = await listening();
    const subscriber = await subscribed({ delivery: delivery(5, sink.url) }, () => ({ status: 200, body: 'ok' }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(1);
    expect(sink.seen[0]?.headers['ce-knativeerrorcode']).toBe('200');
    expect(traps()).toEqual([5]);
  });

  it('that are longer than an event may be fail without a retry', async () => {
    const subscriber = await subscribed({ delivery: delivery(5) }, () => ({
      status: 200,
      body: 'x'.repeat(2_000_000),
    }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(1);
    expect(traps()).toEqual([5, 11]);
  });

  const reply = { 'ce-specversion': '1.0', 'ce-id': 'r-1', 'ce-source': '/reply', 'ce-type': 'reply' };

  it.each([
    [200, reply, '{"r":1}'],
    [204, reply, undefined],
    [
      202,
      { 'content-type': 'application/cloudevents+json' },
      JSON.stringify({ specversion: '1.0', id: 'r-1', source: '/', type: 'reply' }),
    ],
  ])('with an event on %d are replies, published to the topic (trap 6)', async (code, headers, body) => {
    await subscribed({ delivery: delivery(0) }, (request) =>
      request.headers['ce-id'] === 'r-1'
        ? { status: 204 }
        : {
            status: code,
            headers: { 'content-type': 'application/json', ...headers },
            ...(body !== undefined && { body }),
          },
    );
    await test.publish('e-1');
    await until('event and reply are delivered', () => status().delivered === 2);
    const stored = log.records('orders').find(({ headers: { ce_id: id } }) => id === 'r-1');
    expect(stored?.headers.traceparent).toMatch(/^00-/);
    expect(stored?.headers.ce_traceparent).toMatch(/^00-/);
    expect(traps()).toEqual([6]);
  });

  it('whose reply cannot be published dead-letter the original (trap 13)', async () => {
    const sink = await listening();
    await subscribed({ delivery: delivery(0, sink.url) }, () => {
      log.failing.add('append');
      return { status: 200, headers: reply };
    });
    await test.publish('e-1');
    await until('it is dead-lettered', () => sink.seen.length === 1, 15_000);
    expect(traps()).toEqual([6, 13]);
    log.failing.clear();
  });

  it.each([
    [200, 1],
    [500, 0],
  ])('with 303 are followed as GET, and %d there decides (trap 20)', async (code, delivered) => {
    const subscriber = await subscribed({ delivery: delivery(0) }, ({ method }) =>
      method === 'POST' ? { status: 303, headers: { location: '/elsewhere' } } : { status: code },
    );
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /functions/f',
      'GET /elsewhere',
    ]);
    expect(subscriber.seen[1]?.headers['ce-id']).toBe('e-1');
    expect(traps()).toContain(20);
    expect(status().delivered).toBe(delivered);
  });

  it('with 303 in a circle end', async () => {
    const subscriber = await subscribed({ delivery: delivery(0) }, () => ({
      status: 303,
      headers: { location: '/round' },
    }));
    await test.publish('e-1');
    await settled();
    expect(subscriber.seen).toHaveLength(17);
    expect(status().deadLettered).toBe(1);
  });
});

describe('order', () => {
  it('is kept per key by an ordered Trigger, also through failures', async () => {
    const failed = new Set<string>();
    const subscriber = await subscribed({ ordered: true, delivery: delivery(3) }, ({ headers }) => {
      const id = String(headers['ce-id']);
      if (!id.endsWith('3') || failed.has(id)) return { status: 204 };
      failed.add(id);
      return { status: 503 };
    });
    const keys = ['a', 'b', 'c'];
    for (let n = 0; n < 10; n += 1) {
      for (const key of keys) await test.publish(`${key}-${n}`, { 'ce-partitionkey': key });
    }
    await until('all are delivered', () => status().delivered === 30);
    for (const key of keys) {
      const seen = subscriber.ids().filter((id) => id.startsWith(key));
      expect(seen).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9].map((n) => `${key}-${n}`));
    }
  });

  it('lets an ordered Trigger have one delivery per partition under way', async () => {
    const subscriber = await subscribed({ ordered: true }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { status: 204 };
    });
    await Promise.all(Array.from({ length: 40 }, (_, n) => test.publish(`e-${n}`, { 'ce-partitionkey': 'one' })));
    await until('all are delivered', () => status().delivered === 40);
    expect(subscriber.maxActive).toBe(1);
  });

  it('is given up by an unordered Trigger for 50 to 99 at once', async () => {
    let open = false;
    const waiting: (() => void)[] = [];
    const subscriber = await subscribed({}, () =>
      open ? { status: 204 } : new Promise<TestAnswer>((resolve) => waiting.push(() => resolve({ status: 204 }))),
    );
    await Promise.all(Array.from({ length: 150 }, (_, n) => test.publish(`e-${n}`)));
    await until('the limit is reached', () => subscriber.active >= 50);
    await until('nothing more is fetched', () => status().inFlight === subscriber.active);
    expect(status().inFlight).toBeLessThanOrEqual(99);
    open = true;
    for (const release of waiting) release();
    await until('all are delivered', () => status().delivered === 150);
    expect(subscriber.maxActive).toBeLessThanOrEqual(99);
    expect(new Set(subscriber.ids()).size).toBe(150);
  });
});

describe('offsets', () => {
  const committedSum = async () =>
    [...(await log.committed('knative-trigger-default-test', 'orders')).values()].reduce(
      (sum, offset) => sum + offset,
      0n,
    );

  it('stick at an event that is not finished, and a restart delivers it and those behind it again', async () => {
    const sticking = await listening(({ headers }) =>
      headers['ce-id'] === 'stuck' ? new Promise<TestAnswer>(() => undefined) : { status: 204 },
    );
    await test.eventing.apply(trigger(sticking.url));
    for (const id of ['stuck', 'x', 'y']) await test.publish(id, { 'ce-partitionkey': 'k' });
    await until('the others are delivered', () => status().delivered === 2);
    expect(status()).toMatchObject({ lag: 3, inFlight: 1 });
    expect(status().oldestAgeMs).toBeGreaterThanOrEqual(0);
    await test.stop();
    expect(await committedSum()).toBe(0n);

    const fresh = await listening();
    test = await startEventing(log, { clock });
    await test.eventing.apply(broker());
    await test.eventing.apply(trigger(fresh.url));
    await until('all come again', () => fresh.seen.length === 3);
    await test.eventing.stop();
    expect(await committedSum()).toBe(3n);
  });

  it('are committed when the Trigger stops, so that nothing comes twice after a clean stop', async () => {
    const subscriber = await subscribed();
    await test.publish('e-1');
    await until('it is delivered', () => status().delivered === 1);
    await test.stop();
    expect(await committedSum()).toBe(1n);
    test = await startEventing(log, { clock });
    await test.eventing.apply(broker());
    await test.eventing.apply(trigger(subscriber.url));
    await test.publish('e-2');
    await until('the next is delivered', () => subscriber.ids().includes('e-2'));
    expect(subscriber.ids()).toEqual(['e-1', 'e-2']);
  });

  it('of a new Trigger are committed before its first event', async () => {
    await test.publish('old');
    await subscribed();
    expect(await committedSum()).toBe(1n);
  });

  it('are committed while it runs, and again after the log failed', async () => {
    await subscribed();
    log.failing.add('commit');
    await test.publish('e-1');
    await until('it is delivered', () => status().delivered === 1);
    log.failing.clear();
    await until('it is committed', async () => (await committedSum()) === 1n);
  });
});

describe('a rebalance', () => {
  it('commits nothing of a partition that was taken away, and brings what was under way again', async () => {
    const answers: (() => void)[] = [];
    let stuck = true;
    const subscriber = await subscribed({}, () =>
      stuck ? new Promise<TestAnswer>((resolve) => answers.push(() => resolve({ status: 204 }))) : { status: 204 },
    );
    await test.publish('e-1');
    await until('it is under way', () => subscriber.active === 1);
    stuck = false;
    await log.rebalance();
    await until('it came again', () => status().delivered === 1 && status().lag === 0);
    answers.forEach((release) => release());
    await until('both have ended', () => status().delivered === 2);
    expect(subscriber.ids()).toEqual(['e-1', 'e-1']);
  });

  it('lets an ordered Trigger wait for what is under way before the partition goes on', async () => {
    const answers: (() => void)[] = [];
    const subscriber = await subscribed({ ordered: true }, (_request, nth) =>
      nth > 1 ? { status: 204 } : new Promise<TestAnswer>((resolve) => answers.push(() => resolve({ status: 204 }))),
    );
    await test.publish('e-1', { 'ce-partitionkey': 'k' });
    await until('it is under way', () => subscriber.active === 1);
    await log.rebalance();
    await test.publish('e-2', { 'ce-partitionkey': 'k' });
    await until('it is seen', () => status().lag === 2);
    expect(subscriber.active).toBe(1);
    answers.forEach((release) => release());
    await until('all are finished', () => status().lag === 0 && status().delivered === 3);
    expect(subscriber.ids()).toEqual(['e-1', 'e-1', 'e-2']);
    expect(subscriber.maxActive).toBe(1);
  });

  it('ends the wait for the next attempt', async () => {
    await test.stop();
    test = await startEventing(log, { stopTimeoutMs: 500 });
    await test.eventing.apply(broker());
    const subscriber = await subscribed({ delivery: delivery(3, undefined, { backoffDelay: 'PT60S' }) }, () => ({
      status: 503,
    }));
    await test.publish('e-1');
    await until('it waits for the next attempt', () => status().retried === 1);
    await log.rebalance();
    await until('it comes again', () => subscriber.seen.length === 2);
  });
});

describe('stopping', () => {
  it('does not wait for the next attempt, and leaves the event for the restart', async () => {
    await test.stop();
    test = await startEventing(log, { stopTimeoutMs: 60_000 });
    await test.eventing.apply(broker());
    const subscriber = await subscribed({ delivery: delivery(3, undefined, { backoffDelay: 'PT60S' }) }, () => ({
      status: 503,
    }));
    await test.publish('e-1');
    await until('it waits for the next attempt', () => status().retried === 1);
    await test.stop();
    test = await startEventing(log);
    await test.eventing.apply(broker());
    await test.eventing.apply(trigger(subscriber.url, { delivery: delivery(0) }));
    await until('it comes again', () => subscriber.seen.length === 2);
  });
});

describe('changes while it runs', () => {
  it('move new events to the new subscriber, and leave those under way alone', async () => {
    let release: (() => void) | undefined;
    const old = await subscribed(
      {},
      () => new Promise<TestAnswer>((resolve) => (release = () => resolve({ status: 204 }))),
    );
    await test.publish('old');
    await until('it is under way', () => old.active === 1);
    const next = await listening();
    await test.eventing.apply(trigger(next.url));
    await test.publish('new');
    await until('the new subscriber has it', () => next.seen.length === 1);
    release?.();
    await until('both are delivered', () => status().delivered === 2);
    expect([old.ids(), next.ids()]).toEqual([['old'], ['new']]);
  });

  it('keep the Trigger at work when the new one is not valid', async () => {
    const subscriber = await subscribed();
    const broken = trigger(subscriber.url, { delivery: delivery(1, undefined, { backoffDelay: 'soon' }) });
    await expect(test.eventing.apply(broken)).rejects.toThrow();
    await test.publish('e-1');
    await until('it is delivered', () => subscriber.seen.length === 1);
  });

  it('end a Trigger, and one that comes again goes on where it was', async () => {
    const subscriber = await subscribed();
    await test.eventing.remove('Trigger', 'test');
    expect(test.eventing.triggers()).toEqual([]);
    await test.publish('while away');
    await test.eventing.apply(trigger(subscriber.url));
    await until('it is delivered', () => subscriber.seen.length === 1);
  });

  it('let a Trigger wait for its Broker', async () => {
    const subscriber = await listening();
    await test.eventing.apply(trigger(subscriber.url, { broker: 'late' }));
    expect(status()).toMatchObject({ notReady: 'there is no broker late', lag: 0 });
    await test.eventing.apply(broker('late'));
    expect(status().notReady).toBeUndefined();
    await test.eventing.remove('Broker', 'late');
    expect(status().notReady).toBe('there is no broker late');
  });

  it.each([
    [{ timeout: 'PT1S' }, [19]],
    [{ retry: 3 }, [19]],
    [{ ...delivery(3) }, []],
  ])('tell of a delivery block that leaves something out: %j', async (block, expected) => {
    await subscribed({ delivery: block });
    expect(traps()).toEqual(expected);
  });
});

describe('a log that fails', () => {
  it('delays deliveries and loses none', async () => {
    const subscriber = await subscribed();
    log.failing.add('read');
    await test.publish('e-1');
    log.failing.clear();
    await until('it is delivered', () => subscriber.seen.length === 1);
  });
});

describe('the tail', () => {
  it('shows what arrives and what becomes of it', async () => {
    await subscribed({ delivery: delivery(1) }, (_request, nth) => ({ status: nth === 1 ? 503 : 204 }));
    await test.publish('e-1', { 'ce-subject': 's' });
    await until('it is delivered', () => entries.some(({ kind }) => kind === 'delivered'));
    await until('its arrival is shown', () => entries.some(({ kind }) => kind === 'received'));
    expect(entries).toContainEqual(
      expect.objectContaining({
        kind: 'received',
        id: 'e-1',
        topic: 'orders',
        subject: 's',
        data: { n: 1 },
        offset: '0',
      }),
    );
    const outcomes = entries.filter(({ kind }) => kind !== 'received');
    expect(outcomes).toMatchObject([
      { kind: 'retrying', trigger: 'test', id: 'e-1', attempt: 1, status: 503, reason: 'answered 503' },
      { kind: 'delivered', trigger: 'test', id: 'e-1', attempt: 2, status: 204 },
    ]);
  });
});
