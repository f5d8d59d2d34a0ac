import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, systemClock } from '@ebb/core';
import { fromRecord } from '@ebb/events';
import { isUnavailable } from '@ebb/postgres';
import { eventually } from '@ebb/test-database';
import { ownServer, type OwnServer } from './own-server.fixture.ts';
import { relayTest, thing, TOPIC, type RelayTest } from './relay.fixture.ts';

const PATIENT = { timeoutMs: 20_000 };

describe('an outage', () => {
  let server: OwnServer;
  let test: RelayTest;

  beforeAll(async () => {
    server = await ownServer();
  });
  beforeEach(async () => {
    test = await relayTest(() => Promise.resolve({ url: server.url, drop: () => Promise.resolve() }));
    await test.database.db`truncate outbox, ebb_log.record`;
  });
  afterEach(() => test.close());
  afterAll(() => server.stop());

  /** Commits one event after the other, and notes which of them were accepted: a client would be told of the others. */
  const emitUntil = async (signal: AbortSignal): Promise<Set<string>> => {
    const accepted = new Set<string>();
    while (!signal.aborted) {
      const event = thing('thing-1', accepted.size);
      try {
        await test.database.transaction((tx) => tx.enqueue([{ event, topic: TOPIC }]), { timeoutMs: 5_000 });
        accepted.add(event.id);
      } catch (error) {
        if (!isUnavailable(error)) throw new Error(`not an outage: ${messageOf(error)}`, { cause: error });
      }
      await systemClock.sleep(5, signal).catch(() => undefined);
    }
    return accepted;
  };
  const publishedIds = async (): Promise<Set<string>> =>
    new Set((await test.records()).map((record) => fromRecord(record).event.id));
  /** Whether all that was accepted has reached the topic. */
  const arrived = async (accepted: ReadonlySet<string>): Promise<boolean> => {
    const published = await publishedIds();
    return [...accepted].every((id) => published.has(id));
  };

  it('in which PostgreSQL is killed costs no event that was accepted', async () => {
    const relay = test.start();
    await relay.ready;
    const emitting = new AbortController();
    const emitted = emitUntil(emitting.signal);
    try {
      await eventually(async () => (await publishedIds()).size > 5);
      server.kill();
      await eventually(() => !relay.isReady(), PATIENT);
      await eventually(() => relay.isReady(), PATIENT);
      const before = (await eventually(publishedIds, PATIENT)).size;
      await eventually(async () => (await publishedIds()).size > before + 5, PATIENT);
    } finally {
      emitting.abort();
    }
    const accepted = await emitted;
    await eventually(() => arrived(accepted), PATIENT);
  });

  it('in which PostgreSQL does not answer is told from one that thinks, and ends by itself', async () => {
    const relay = test.start({ ANSWER_TIMEOUT: 300 });
    await relay.ready;
    const emitting = new AbortController();
    const emitted = emitUntil(emitting.signal);
    try {
      await eventually(async () => (await publishedIds()).size > 5);
      server.pause();
      await eventually(() => !relay.isReady(), PATIENT);
      expect(relay.whyNot()).toMatch(/timeout|did not answer/);
    } finally {
      server.resume();
      emitting.abort();
    }
    const accepted = await emitted;
    await eventually(() => arrived(accepted), PATIENT);
    await eventually(() => relay.isReady(), PATIENT);
  });

  it('in which the disk of the log is full lets events wait in their outbox', async () => {
    const { db } = test.database;
    const relay = test.start();
    await relay.ready;
    await db`create function ebb_log.no_space() returns trigger language plpgsql as
      'begin raise exception ''could not extend file: No space left on device'' using errcode = ''disk_full''; end'`;
    await db`create trigger no_space before insert on ebb_log.record execute function ebb_log.no_space()`;
    try {
      for (let n = 0; n < 5; n += 1) {
        await test.database.transaction((tx) => tx.enqueue([{ event: thing('thing-1', n), topic: TOPIC }]));
      }
      await eventually(() => relay.whyNot().includes('No space left on device') && !relay.isReady());
      expect(await relay.metrics()).toContain('ebb_outbox_pending{schema="shop"} 5');
    } finally {
      await db`drop function ebb_log.no_space cascade`;
    }
    await eventually(() => relay.isReady(), PATIENT);
    const numbers = (await test.records()).map((record) => (fromRecord(record).event.data as { n: number }).n);
    expect(numbers).toEqual([0, 1, 2, 3, 4]);
  });
});
