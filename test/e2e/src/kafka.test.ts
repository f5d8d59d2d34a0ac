import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isAlive, type ProcessIdentity } from '@ebb/core';
import { describeWithKafka, kafkaForTests, type TestKafka } from '@ebb/kafka/testing';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, runCli, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, line, placeOrder, restock } from '@ebb/shop';
import { Kafka, logLevel, type IHeaders, type Producer } from 'kafkajs';
import { writeDepot, writeHandler } from './depot.fixture.ts';

const ARRIVED = 'dev.ebb.depot.parcel.arrived.v1';
const STORED = 'dev.ebb.depot.parcel.stored.v1';
const SLOWLY = { timeoutMs: 60_000 };

let kafka: TestKafka;
let workspace: WorkspaceCopy;
let ebb: Ebb;
let producer: Producer;
/** What was started, for a start that failed half way. */
const parts: (() => Promise<unknown>)[] = [];
/** What a stranger read from the topic. */
const seen: { readonly key: string | undefined; readonly headers: IHeaders; readonly value: string | undefined }[] = [];

describeWithKafka('ebb up --kafka', () => {
  beforeAll(async () => {
    kafka = await kafkaForTests();
    workspace = copyWorkspace(import.meta.dirname, { name: 'on kafka', apps: ['relay'] });
    writeDepot(workspace.root);
    writeHandler(workspace.root, 'strict');
    ebb = await Ebb.start(workspace, ['--no-watch', '--kafka', kafka.address]);
    parts.push(() => ebb.stop());
    const stranger = new Kafka({ clientId: 'stranger', brokers: [kafka.address], logLevel: logLevel.NOTHING });
    producer = stranger.producer();
    const consumer = stranger.consumer({ groupId: 'stranger' });
    await Promise.all([producer.connect(), consumer.connect()]);
    parts.push(
      () => producer.disconnect(),
      () => consumer.disconnect(),
    );
    await consumer.subscribe({ topics: ['depot'], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const { key, headers = {}, value } = message;
        seen.push({ key: key?.toString(), headers, value: value?.toString() });
        return Promise.resolve();
      },
    });
  }, 120_000);

  afterAll(async () => {
    await Promise.allSettled([...parts.map((stop) => stop())]);
    await kafka.stop();
    workspace.remove();
  }, 60_000);

  const stored = async (route: string): Promise<readonly string[]> =>
    (await ebb.http('depot', `/routes/${route}`)).json<string[]>();
  const stores = (route: string, parcels: readonly string[]): Promise<boolean> =>
    eventually(async () => JSON.stringify(await stored(route)) === JSON.stringify(parcels), SLOWLY);
  const publish = async (parcelId: string, route: string): Promise<number> => {
    const body = JSON.stringify({ type: ARRIVED, id: parcelId, source: '/test', data: { parcelId, route, grams: 1 } });
    const headers = { 'content-type': 'application/json' };
    return (await ebb.http('', '/ebb/v1/publish', { method: 'POST', headers, body })).status;
  };
  const given = (name: string, { headers }: (typeof seen)[number]): string | undefined => headers[name]?.toString();

  it('brings what is published to a function, and what that commits to a stranger', async () => {
    expect(await publish('p-1', 'north')).toBe(202);
    await stores('north', ['p-1']);
    await eventually(() => seen.some((each) => given('ce_type', each) === STORED), SLOWLY);
    const [arrived, followed] = [ARRIVED, STORED].map((type) => seen.find((each) => given('ce_type', each) === type));
    for (const record of [arrived!, followed!]) {
      expect(record.key).toBe('north');
      expect(given('content-type', record)).toBe('application/json');
      expect(given('ce_specversion', record)).toBe('1.0');
      expect(JSON.parse(record.value ?? '')).toEqual({ parcelId: 'p-1', route: 'north', grams: 1 });
    }
  });

  it('takes events of a stranger, in binary and in structured mode, and puts aside what is none', async () => {
    const data = (parcelId: string): object => ({ parcelId, route: 'south', grams: 1 });
    const attributes = { specversion: '1.0', source: '/stranger', type: ARRIVED, partitionkey: 'south' };
    await producer.send({
      topic: 'depot',
      messages: [
        { key: 'south', value: 'no event at all' },
        { key: 'south', value: null },
        {
          key: 'south',
          value: JSON.stringify({ ...attributes, id: 's-1', datacontenttype: 'application/json', data: data('s-1') }),
          headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
        },
        {
          key: 'south',
          value: JSON.stringify(data('s-2')),
          headers: {
            'content-type': 'application/json',
            ...Object.fromEntries(
              Object.entries({ ...attributes, id: 's-2' }).map(([name, value]) => [`ce_${name}`, value]),
            ),
          },
        },
      ],
    });
    await stores('south', ['s-1', 's-2']);
    const { deadLetters } = (await ebb.http('', '/ebb/v1/status')).json<{ deadLetters: number }>();
    expect(deadLetters).toBe(2);
  });

  it('has commands that speak to any topic, without an Ebb', async () => {
    const nowhere = { ...workspace, root: join(workspace.root, 'apps') };
    const args = ['--kafka', kafka.address, '--topic', 'depot'];
    const sent = await runCli(nowhere, [
      'publish',
      ARRIVED,
      ...args,
      '--subject',
      'east',
      '--data',
      JSON.stringify({ parcelId: 'c-1', route: 'east', grams: 1 }),
      '--json',
    ]);
    expect({ code: sent.code, stderr: sent.stderr }).toEqual({ code: 0, stderr: '' });
    await stores('east', ['c-1']);
    expect((await runCli(nowhere, ['tail', '--kafka', kafka.address])).stderr).toContain('--topic');
    const missing = await runCli(nowhere, ['tail', '--kafka', kafka.address, '--topic', 'nowhere']);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/there is no topic "nowhere" \(there are: .*depot/),
    ]);
  });

  it('loses nothing, and keeps the order of a key, when the broker is killed while events flow', async () => {
    const parcels = Array.from({ length: 40 }, (_, n) => `k-${String(n).padStart(2, '0')}`);
    for (const [n, parcel] of parcels.entries()) {
      if (n === 15) kafka.kill();
      // Not taken means not lost: who publishes is told, and gives it again.
      await eventually(async () => (await publish(parcel, 'west')) === 202, SLOWLY);
    }
    await stores('west', parcels);
    await eventually(
      () =>
        new Set(
          seen.filter((each) => each.key === 'west' && given('ce_type', each) === STORED).map((each) => each.value),
        ).size === parcels.length,
      SLOWLY,
    );
  }, 150_000);
});

describeWithKafka('ebb up --kafka embedded', () => {
  let copy: WorkspaceCopy;
  const started: Ebb[] = [];
  const start = async (): Promise<Ebb> => {
    const next = await Ebb.start(copy, ['--no-watch', '--kafka', 'embedded']);
    started.push(next);
    return next;
  };
  const brokerOf = (): ProcessIdentity =>
    (JSON.parse(readFileSync(join(copy.root, '.ebb/kafka/broker.json'), 'utf8')) as { broker: ProcessIdentity }).broker;

  beforeAll(() => {
    copy = copyWorkspace(import.meta.dirname, { apps: ['relay'] });
    writeDepot(copy.root);
    writeHandler(copy.root, 'lenient');
  });
  afterAll(async () => {
    for (const each of started) await each.stop();
    copy.remove();
  }, 60_000);

  it('starts a Kafka, ends the one that a killed predecessor left, keeps its topics, and stops it', async () => {
    const first = await start();
    // Else nobody could tell it to other tools.
    expect(first.output.join('\n')).toMatch(/Kafka is at (localhost|127\.0\.0\.1):\d+/);
    const data = JSON.stringify({ parcelId: 'e-1', route: 'home', grams: 1 });
    expect((await first.cli(['publish', ARRIVED, '--data', data])).code).toBe(0);
    const routes = async (of: Ebb): Promise<unknown> => (await of.http('depot', '/routes/home')).json();
    await eventually(async () => JSON.stringify(await routes(first)) === '["e-1"]', SLOWLY);
    const orphan = brokerOf();
    await first.kill();
    expect(isAlive(orphan)).toBe(true);

    const second = await start();
    expect(isAlive(orphan)).toBe(false);
    expect(await routes(second)).toEqual(['e-1']);
    const { topics } = (await second.http('', '/ebb/v1/status')).json<{ topics: { name: string; events: number }[] }>();
    expect(topics.find(({ name }) => name === 'depot')?.events).toBeGreaterThanOrEqual(1);
    const broker = brokerOf();
    expect(await second.stop()).toBe(0);
    expect(isAlive(broker)).toBe(false);
  }, 150_000);
});

describeWithKafka('the shop on Kafka', () => {
  let broker: TestKafka;
  let copy: WorkspaceCopy;
  let shop: Ebb | undefined;

  beforeAll(async () => {
    broker = await kafkaForTests();
    copy = copyWorkspace(import.meta.dirname);
    shop = await Ebb.start(copy, ['--no-watch', '--kafka', broker.address]);
  }, 120_000);
  afterAll(async () => {
    await shop?.stop();
    await broker.stop();
    copy.remove();
  }, 60_000);

  it('confirms an order that is placed over HTTP', async () => {
    await restock(shop!, 10);
    const response = await placeOrder(shop!, [line(2)]);
    expect(response.status).toBe(201);
    const { orderId } = response.json<{ orderId: string }>();
    expect((await decided(shop!, orderId)).status).toBe('confirmed');
  }, 120_000);
});
