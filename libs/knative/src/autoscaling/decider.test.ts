import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decider } from './decider.ts';
import { scaleSettings } from './settings.ts';

const T0 = 1_000_000_000;
const at = (seconds: number): number => T0 + seconds * 1_000;

function decider(annotations: Record<string, string> = {}, containerConcurrency = 10): Decider {
  const own = Object.entries(annotations).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]);
  return new Decider(scaleSettings(Object.fromEntries(own) as Record<string, string>, containerConcurrency));
}

describe('the autoscaler', () => {
  it('goes from one to as many as a burst needs, and panics', () => {
    const kpa = decider();
    kpa.record(at(0), 70);
    // target 10 × 0.7 = 7, so 70 / 7; room 1 × 10 − 211 − 70
    expect(kpa.decide(at(2), 1)).toEqual({ want: 10, excessBurst: -271, panicking: true });
  });

  it('is limited in its rise by the rate', () => {
    const kpa = new Decider(scaleSettings({}, 1, { 'max-scale-up-rate': '3' }));
    kpa.record(at(0), 70);
    expect(kpa.decide(at(2), 2).want).toBe(6);
  });

  it('does not shrink while it panics, for a stable window after the last excess', () => {
    const kpa = decider();
    kpa.record(at(0), 70);
    kpa.decide(at(2), 1);
    kpa.record(at(2), 0);
    expect(kpa.decide(at(4), 10)).toMatchObject({ want: 10, panicking: true });
    expect(kpa.decide(at(62), 10)).toMatchObject({ want: 10, panicking: true });
    expect(kpa.decide(at(64), 10)).toMatchObject({ want: 5, panicking: false });
  });

  it('shrinks by half at most, and to zero from one', () => {
    const kpa = decider();
    kpa.record(at(0), 1);
    kpa.record(at(1), 0);
    kpa.decide(at(2), 1);
    const wants = [10, 5, 2, 1].map((ready, tick) => kpa.decide(at(62 + 2 * tick), ready).want);
    expect(wants).toEqual([5, 2, 1, 0]);
  });

  it('shrinks without a limit when no route leads to it', () => {
    const kpa = decider();
    kpa.decide(at(0), 1);
    expect(kpa.decide(at(2), 10, { reachable: false }).want).toBe(0);
  });

  it('panics from twice the capacity on, and not below', () => {
    const kpa = decider();
    kpa.record(at(0), 14); // 14 / 7 = 2 processes
    expect(kpa.decide(at(6), 2)).toMatchObject({ want: 2, panicking: false });
    kpa.record(at(6), 28); // the panic window is six seconds: 28 / 7 = 4 on 2
    expect(kpa.decide(at(12), 2)).toMatchObject({ want: 4, panicking: true });
  });

  it('follows the slow window while it does not panic', () => {
    const kpa = decider();
    kpa.record(at(0), 7);
    for (let s = 2; s <= 60; s += 2) kpa.decide(at(s), 2);
    kpa.record(at(60), 14);
    // stable (54 × 7 + 6 × 14) / 60 = 7.7
    expect(kpa.decide(at(66), 2)).toMatchObject({ want: 2, panicking: false });
    // panic mean 14 → 2 processes on 1: panic
    expect(kpa.decide(at(66), 1)).toMatchObject({ want: 2, panicking: true });
  });

  it('keeps what runs when it starts among several', () => {
    const kpa = new Decider(scaleSettings({}, 10), { nowMs: at(0), readyPods: 4 });
    expect(kpa.decide(at(0), 4)).toMatchObject({ want: 4, panicking: true });
    expect(kpa.decide(at(60), 4)).toMatchObject({ want: 4, panicking: true });
    expect(kpa.decide(at(62), 4)).toMatchObject({ want: 2, panicking: false });
  });

  it('holds a scale-down back for its delay', () => {
    const kpa = decider({ 'scale-down-delay': '10s', window: '6s' });
    kpa.record(at(0), 7);
    expect(kpa.decide(at(2), 1).want).toBe(1);
    kpa.record(at(2), 0);
    const wants = [8, 10, 12, 14, 16, 18].map((s) => kpa.decide(at(s), 1).want);
    // Nothing is wanted from second 8 on, when the load has left the window; the last 1 was wanted in second 2.
    expect(wants).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('looks at six seconds with a window of six seconds, and at one for panic', () => {
    const kpa = decider({ window: '6s' });
    kpa.record(at(0), 7);
    kpa.record(at(5), 70);
    // stable (5 × 7 + 70) / 6 = 17.5 → 3; panic 70 → 10
    expect(kpa.decide(at(6), 1)).toMatchObject({ want: 10, panicking: true });
    kpa.record(at(6), 0);
    expect(kpa.decide(at(12), 10)).toMatchObject({ want: 10, panicking: true });
    expect(kpa.decide(at(14), 10)).toMatchObject({ want: 5, panicking: false });
  });

  it('stays within min-scale and max-scale', () => {
    const bounded = decider({ 'min-scale': '2', 'max-scale': '3' });
    expect(bounded.decide(at(0), 0).want).toBe(2);
    bounded.record(at(0), 700);
    expect(bounded.decide(at(2), 2).want).toBe(3);
  });

  it('starts with activation-scale as soon as anything is wanted', () => {
    const kpa = decider({ 'activation-scale': '3' });
    expect(kpa.decide(at(0), 0).want).toBe(0);
    kpa.record(at(0), 1);
    expect(kpa.decide(at(2), 0).want).toBe(3);
  });

  it.each([
    [{ 'target-burst-capacity': '0' }, 5, 0],
    [{ 'target-burst-capacity': '-1' }, 5, -1],
    [{ 'target-burst-capacity': '20' }, 3, 9], // 3 × 10 − 20 − 0.5
    [{ 'target-burst-capacity': '20' }, 2, -1],
    [{ 'target-burst-capacity': '5' }, 0, -6], // who is not ready yet has no room
  ])('with %o and %d ready has room for %d more', (annotations, ready, room) => {
    const kpa = decider(annotations);
    kpa.record(at(0), 1);
    kpa.record(at(0) + 500, 0);
    expect(kpa.decide(at(1), ready).excessBurst).toBe(room);
  });

  it('never leaves the bounds of a step, whatever the load', () => {
    const ticks = fc.array(
      fc.record({ load: fc.nat(500), ready: fc.nat(40), seconds: fc.integer({ min: 1, max: 90 }) }),
    );
    fc.assert(
      fc.property(ticks, (steps) => {
        const kpa = new Decider(scaleSettings({}, 1, { 'max-scale-up-rate': '3' }));
        let now = at(0);
        for (const { load, ready, seconds } of steps) {
          kpa.record(now, load);
          now += seconds * 1_000;
          const { want, panicking, excessBurst } = kpa.decide(now, ready);
          expect(want).toBeGreaterThanOrEqual(Math.floor(Math.max(1, ready) / 2));
          if (!panicking) expect(want).toBeLessThanOrEqual(3 * Math.max(1, ready));
          expect(Number.isInteger(want) && Number.isInteger(excessBurst)).toBe(true);
        }
      }),
    );
  });

  it('counts requests per second where that is the metric', () => {
    const kpa = decider({ metric: 'rps', target: '10' }, 0);
    kpa.record(at(0), 1_000);
    for (let ms = 0; ms < 2_000; ms += 50) kpa.arrived(T0 + ms);
    expect(kpa.decide(at(2), 3).want).toBe(3); // 20 per second over 10 × 0.7
  });
});
