import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LoadMetric } from './metric.ts';

const MINUTE = 60_000;
const T0 = 1_000_000_000;

describe('the load metric', () => {
  it('weighs a level by the time that it held', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0, 10);
    metric.level(T0 + 250, 2);
    expect(metric.mean(T0 + 1_000, MINUTE)).toBe(4); // 10 × 0.25 + 2 × 0.75
  });

  it('is the level itself while no second is whole', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0 + 100, 7);
    expect(metric.mean(T0 + 900, MINUTE)).toBe(7);
  });

  it('counts the first second from the first record on', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0 + 900, 50);
    expect(metric.mean(T0 + 2_000, MINUTE)).toBe(50);
  });

  it('takes the mean over the seconds since the first record until the window is full', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0, 60);
    metric.level(T0 + 1_000, 0);
    expect(metric.mean(T0 + 2_000, MINUTE)).toBe(30);
    expect(metric.mean(T0 + 10_000, MINUTE)).toBe(6);
    expect(metric.mean(T0 + 60_000, MINUTE)).toBe(1);
    expect(metric.mean(T0 + 61_000, MINUTE)).toBe(0);
  });

  it('rounds to six decimals', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0, 1);
    metric.level(T0 + 1_000, 0);
    expect(metric.mean(T0 + 3_000, MINUTE)).toBe(0.333333);
  });

  it('sees a shorter window apart', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0, 1);
    metric.level(T0 + 54_000, 10);
    expect(metric.mean(T0 + 60_000, 6_000)).toBe(10);
    expect(metric.mean(T0 + 60_000, MINUTE)).toBe(1.9); // (54 × 1 + 6 × 10) / 60
  });

  it('begins anew after a window in which nobody reported', () => {
    const metric = new LoadMetric(MINUTE);
    metric.level(T0, 1);
    metric.level(T0 + 1_000, 0);
    metric.level(T0 + 61_000, 50);
    expect(metric.mean(T0 + 62_000, MINUTE)).toBe(50);
  });

  it('keeps its zeros while a process reports them', () => {
    const metric = new LoadMetric(MINUTE);
    for (let s = 0; s <= 120; s += 2) metric.touch(T0 + s * 1_000);
    metric.level(T0 + 120_000, 60);
    expect(metric.mean(T0 + 121_000, MINUTE)).toBe(1);
    expect(metric.mean(T0 + 121_000, 6_000)).toBe(10);
  });

  it('counts events per second', () => {
    const metric = new LoadMetric(MINUTE);
    for (let at = 0; at < 4_000; at += 100) metric.count(T0 + at);
    expect(metric.mean(T0 + 4_000, MINUTE)).toBe(10);
  });

  it('never leaves the range of the levels it was told', () => {
    const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 100 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(changes, (steps) => {
        const metric = new LoadMetric(MINUTE);
        let now = T0;
        for (const [wait, level] of steps) {
          metric.level(now, level);
          now += wait;
        }
        const mean = metric.mean(now, MINUTE);
        const levels = steps.map(([, level]) => level);
        expect(mean).toBeGreaterThanOrEqual(0);
        expect(mean).toBeLessThanOrEqual(Math.max(...levels) + 1e-6);
      }),
    );
  });
});
