import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { UnknownTopicError } from '@ebb/event-log';
import { TopicHealth } from './topic-health.ts';

describe('the health of topics', () => {
  it('pauses a topic that failed for longer each time, until it succeeds', () => {
    let now = 0;
    const health = new TopicHealth(silentLogger, { clock: { now: () => now } });
    const pausedFor = (): number => {
      const from = now;
      while (health.paused().includes('a')) now += 100;
      return now - from;
    };
    const pauses: number[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      health.failed('a', new Error('no'));
      pauses.push(pausedFor());
    }
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
    health.succeeded('a');
    health.failed('a', new Error('no'));
    expect(pausedFor()).toBe(200);
    expect(health.paused()).toEqual([]);
  });

  it('takes lanes that fail together for one failure', () => {
    let now = 0;
    const health = new TopicHealth(silentLogger, { clock: { now: () => now } });
    for (let lane = 0; lane < 8; lane += 1) health.failed('a', new Error('no'));
    now = 199;
    expect(health.paused()).toEqual(['a']);
    now = 200;
    expect(health.paused()).toEqual([]);
  });

  it('is an outage when nothing succeeds, and none when only some topics fail or are missing', () => {
    let now = 0;
    const told: (string | undefined)[] = [];
    const health = new TopicHealth(silentLogger, {
      clock: { now: () => now },
      onChange: (outage) => told.push(outage),
    });
    health.failed('gone', new UnknownTopicError('gone'));
    expect([health.outage(), health.awayMs()]).toEqual([undefined, 0]);
    now = 10;
    health.failed('a', new Error('no leader'));
    expect([health.outage(), health.awayMs()]).toEqual(['no leader', 200]);
    now = 20;
    health.succeeded('b');
    expect([health.outage(), health.awayMs(), health.paused()]).toEqual([undefined, 0, ['gone', 'a']]);
    // It still fails, but the log has shown since that it works.
    now = 1_000;
    health.failed('a', new Error('no leader'));
    expect(health.outage()).toBeUndefined();
    expect(told).toEqual([undefined, 'no leader', undefined, undefined]);
  });

  it('remembers topics that are missing for long, and those whose events were put aside, until they are there', () => {
    let now = 0;
    const health = new TopicHealth(silentLogger, { clock: { now: () => now } });
    health.failed('a', new UnknownTopicError('a'));
    now = 60_000;
    health.failed('b', new UnknownTopicError('b'));
    health.failed('c', new Error('no'));
    expect(health.missing(60_000)).toEqual(['a']);
    health.putAside('z');
    expect([health.missing(60_000), health.paused()]).toEqual([
      ['z', 'a'],
      ['b', 'c', 'z'],
    ]);
    health.returned('z');
    health.returned('a');
    expect(health.missing(60_000)).toEqual([]);
  });
});
