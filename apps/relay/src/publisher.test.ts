import { beforeEach, describe, expect, it } from '@jest/globals';
import { EbbError, silentLogger } from '@ebb/core';
import { UnknownTopicError, type LogRecord } from '@ebb/event-log';
import { Metrics } from '@ebb/function';
import type { PendingEvent } from '@ebb/postgres';
import { startTelemetry } from '@ebb/telemetry';
import { publisherTo, type Publisher } from './publisher.ts';
import { RelayMetrics } from './relay-metrics.ts';
import { thing } from './relay.fixture.ts';
import { TopicHealth } from './topic-health.ts';

const { tracer } = startTelemetry({ service: 'relay', logLevel: 'silent' });
const idsOf = (records: readonly LogRecord[]): string[] => records.map(({ headers }) => headers.ce_id ?? '');

describe('the publisher', () => {
  let appended: string[][];
  /** What the log does with the ids of an append. */
  let onAppend: (topic: string, ids: readonly string[]) => void;
  let health: TopicHealth;
  let publish: Publisher;

  beforeEach(() => {
    appended = [];
    onAppend = () => undefined;
    health = new TopicHealth(silentLogger);
    const log = {
      append: (topic: string, records: readonly LogRecord[]) =>
        new Promise<[]>((resolve) => {
          onAppend(topic, idsOf(records));
          appended.push(idsOf(records));
          resolve([]);
        }),
    };
    const metrics = new RelayMetrics(new Metrics());
    publish = publisherTo({ log, tracer, health, metrics, answerTimeoutMs: 50 });
  });

  const pending = (id: string, topic = 'things'): PendingEvent => ({ id, topic, event: thing('k', 1, { id }) });
  const outcome = async (...events: PendingEvent[]) => {
    const { published, refused } = await publish(events);
    return {
      published: published.map(({ id }) => id),
      refused: refused.map(({ event, reason }) => [event.id, reason]),
    };
  };
  const refuse = (id: string) => (_topic: string, ids: readonly string[]) => {
    if (ids.includes(id)) throw new EbbError('EBB_TOO_LARGE', `${id} is too large`);
  };

  it('takes the events of each topic together, in order', async () => {
    expect(await outcome(pending('a'), pending('b', 'others'), pending('c'))).toEqual({
      published: ['a', 'c', 'b'],
      refused: [],
    });
    expect(appended).toEqual([['a', 'c'], ['b']]);
  });

  it('finds the one that the log never takes, and publishes the others in their order', async () => {
    onAppend = refuse('b');
    expect(await outcome(pending('a'), pending('b'), pending('c'))).toEqual({
      published: ['a', 'c'],
      refused: [['b', 'too-large']],
    });
    expect(appended).toEqual([['a'], ['c']]);
    expect(health.paused()).toEqual([]);
  });

  it('stops with the first that fails for now: what comes after it must not overtake it', async () => {
    onAppend = (topic, ids) => {
      refuse('a')(topic, ids);
      if (ids.includes('c')) throw new Error('no leader');
    };
    expect(await outcome(...['a', 'b', 'c', 'd'].map((id) => pending(id)))).toEqual({
      published: ['b'],
      refused: [['a', 'too-large']],
    });
    expect(health.paused()).toEqual(['things']);
  });

  it('keeps back the topic that fails, and no other one', async () => {
    onAppend = (topic) => {
      if (topic === 'gone') throw new UnknownTopicError(topic);
    };
    expect(await outcome(pending('a', 'gone'), pending('b'))).toEqual({ published: ['b'], refused: [] });
    expect([health.paused(), health.outage()]).toEqual([['gone'], undefined]);
  });

  it('does not wait for a log that does not answer', async () => {
    const metrics = new RelayMetrics(new Metrics());
    const log = { append: () => new Promise<never>(() => undefined) };
    publish = publisherTo({ log, tracer, health, metrics, answerTimeoutMs: 10 });
    expect(await outcome(pending('a'))).toEqual({ published: [], refused: [] });
    expect(health.outage()).toBe('the log did not answer within 10 ms');
  });
});
