import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { TopicHealth } from './topic-health.ts';

describe('the health of topics', () => {
  it('pauses a topic that failed for longer each time, until it succeeds', () => {
    let now = 0;
    const health = new TopicHealth(silentLogger, { now: () => now });
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
    const health = new TopicHealth(silentLogger, { now: () => now });
    for (let lane = 0; lane < 8; lane += 1) health.failed('a', new Error('no'));
    now = 199;
    expect(health.paused()).toEqual(['a']);
    now = 200;
    expect(health.paused()).toEqual([]);
  });
});
