import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { migrateLog, openPostgresLog, type EventLog, type PartitionReader } from '@ebb/event-log';
import { toRecord, type CloudEvent } from '@ebb/events';
import { eventually, testDatabase } from '@ebb/test-database';
import { EventTail } from './event-tail.ts';

const PATIENCE = { timeoutMs: 30_000 };

let test: Awaited<ReturnType<typeof testDatabase>>;
let log: EventLog;
let heard: string[];
let gaps: number;
let tail: EventTail | undefined;

beforeEach(async () => {
  test = await testDatabase();
  await migrateLog(test.url);
  log = await openPostgresLog({ url: test.url, maxConnections: 2 });
  [heard, gaps] = [[], 0];
});
afterEach(async () => {
  await tail?.close();
  tail = undefined;
  await log.close();
  await test.drop();
});

function listen(open = () => openPostgresLog({ url: test.url, maxConnections: 2 })): EventTail {
  tail = new EventTail({
    open,
    onEvent: (type, keys) => heard.push(`${type} ${keys.join(' ')}`),
    onGap: () => {
      gaps += 1;
    },
    logger: silentLogger,
  });
  return tail;
}

const topic = (name: string) => log.createTopic({ name, partitions: 3, retentionMs: Infinity });

async function happens(name: string, type: string, key: string): Promise<void> {
  const event: CloudEvent = { specversion: '1.0', id: key, source: '/test', type, subject: key, partitionkey: key };
  await log.append(name, [toRecord(event)]);
}

describe('what is heard of events', () => {
  it('is what happens from now on, of the types that somebody asked for', async () => {
    await topic('things');
    await topic('others');
    await happens('things', 'thing.changed', 'before');
    listen().follow(
      new Map([
        ['thing.changed', 'things'],
        ['other.changed', 'others'],
      ]),
    );
    await eventually(() => gaps === 2, PATIENCE);
    await happens('things', 'thing.seen', '1');
    await log.append('things', [{ key: null, headers: { ce_type: 'thing.seen' }, value: Buffer.from('nonsense') }]);
    await happens('things', 'thing.changed', '2');
    await happens('others', 'other.changed', '3');
    await eventually(() => heard.length === 2, PATIENCE);
    expect([...heard].sort()).toEqual(['other.changed 3', 'thing.changed 2']);
    expect(gaps).toBe(2);
  });

  it('begins when its topic does, and its log', async () => {
    let attempts = 0;
    const open = () => {
      attempts += 1;
      if (attempts < 3) return Promise.reject(new Error('away'));
      return openPostgresLog({ url: test.url, maxConnections: 2 });
    };
    listen(open).follow(new Map([['thing.changed', 'things']]));
    await eventually(() => attempts === 3, PATIENCE);
    expect(gaps).toBe(0);
    await topic('things');
    await eventually(() => gaps === 1, PATIENCE);
    await happens('things', 'thing.changed', '1');
    await eventually(() => heard.length === 1, PATIENCE);
  });

  it('changes with what is asked for', async () => {
    await topic('things');
    await topic('others');
    const listening = listen();
    listening.follow(new Map([['thing.changed', 'things']]));
    await eventually(() => gaps === 1, PATIENCE);
    listening.follow(new Map([['thing.gone', 'things']]));
    expect(gaps).toBe(1);
    await happens('things', 'thing.changed', '1');
    await happens('things', 'thing.gone', '1');
    await eventually(() => heard.length === 1, PATIENCE);
    listening.follow(new Map([['other.changed', 'others']]));
    await eventually(() => gaps === 2, PATIENCE);
    await happens('others', 'other.changed', '2');
    await eventually(() => heard.length === 2, PATIENCE);
    listening.follow(new Map());
    expect(heard).toEqual(['thing.gone 1', 'other.changed 2']);
  });

  it('is not all when it cannot be read for a while, which is said', async () => {
    await topic('things');
    let isAway = false;
    let refused = 0;
    listen(() =>
      openLogThatFails(
        () => isAway,
        () => (refused += 1),
      ),
    ).follow(new Map([['thing.changed', 'things']]));
    await eventually(() => gaps === 1, PATIENCE);
    isAway = true;
    await happens('things', 'thing.changed', 'missed');
    await eventually(() => refused > 1, PATIENCE);
    expect(gaps).toBe(1);
    isAway = false;
    await eventually(() => gaps === 2, PATIENCE);
    await happens('things', 'thing.changed', 'heard');
    await eventually(() => heard.length === 1, PATIENCE);
    expect(heard).toEqual(['thing.changed heard']);
  });
});

/** A log that can be appended to, and not be read, for a while. */
async function openLogThatFails(isAway: () => boolean, onRefused: () => void): Promise<EventLog> {
  const real = await openPostgresLog({ url: test.url, maxConnections: 2 });
  const unlessAway = <T>(run: () => Promise<T>): Promise<T> => {
    if (!isAway()) return run();
    onRefused();
    return Promise.reject(new Error('away'));
  };
  const failing = (reader: PartitionReader): PartitionReader =>
    new Proxy(reader, {
      get: (target, name) => {
        if (name === 'take') return (limit: number) => unlessAway(() => target.take(limit));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return {
    ...real,
    consume: (options) =>
      unlessAway(() => real.consume({ ...options, onPartition: (reader) => options.onPartition(failing(reader)) })),
    close: () => real.close(),
  };
}
