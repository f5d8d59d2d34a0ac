import { describe, expect, it } from '@jest/globals';
import { scaleSettings } from '@ebb/knative';
import { KpaScaler } from './kpa-scaler.ts';

const T0 = 1_700_000_000_000;

function scaler(annotations: Record<string, string> = {}, cluster: Record<string, string> = {}): KpaScaler {
  const named = Object.entries(annotations).map(([name, value]) => [`autoscaling.knative.dev/${name}`, value]);
  return new KpaScaler(scaleSettings(Object.fromEntries(named) as Record<string, string>, 0, cluster));
}

/** Runs the ticks of an idle revision; the seconds after which nothing is wanted, and after which nothing is left. */
function idle(kpa: KpaScaler, from = 2): { unwanted: number; gone: number } {
  let unwanted: number | undefined;
  for (let second = from, current = 1; second < 600; second += 2) {
    current = kpa.decide(T0 + second * 1_000, current, current, false);
    if (kpa.want === 0) unwanted ??= second;
    if (current === 0) return { unwanted: unwanted ?? NaN, gone: second };
  }
  throw new Error('it never went');
}

function served(kpa: KpaScaler): KpaScaler {
  kpa.activated(T0 - 1_000);
  kpa.record(T0 + 100, 1);
  kpa.record(T0 + 200, 0);
  return kpa;
}

describe('KpaScaler', () => {
  it('wants nothing about 60 s after the last request, and ends the last process 30 s later', () => {
    expect(idle(served(scaler()))).toEqual({ unwanted: 62, gone: 92 });
  });

  it('takes as long when there was no request at all', () => {
    const kpa = scaler();
    kpa.activated(T0);
    expect(idle(kpa)).toEqual({ unwanted: 60, gone: 90 });
  });

  it('follows window, grace period and retention', () => {
    expect(idle(served(scaler({ window: '6s' }, { 'scale-to-zero-grace-period': '4s' })))).toEqual({
      unwanted: 8,
      gone: 12,
    });
    const retained = scaler({ window: '6s', 'scale-to-zero-pod-retention-period': '100s' });
    expect(idle(served(retained))).toEqual({ unwanted: 8, gone: 108 });
  });

  it('starts over when a request comes within the grace period', () => {
    const kpa = served(scaler());
    for (let second = 2; second <= 80; second += 2) kpa.decide(T0 + second * 1_000, 1, 1, false);
    expect(kpa.want).toBe(0);
    kpa.record(T0 + 81_000, 1);
    kpa.record(T0 + 81_100, 0);
    expect(kpa.want).toBe(1);
    expect(idle(kpa, 82)).toEqual({ unwanted: 142, gone: 172 });
  });

  it('keeps one where the cluster forbids zero', () => {
    const kpa = served(scaler({}, { 'enable-scale-to-zero': 'false' }));
    expect(kpa.decide(T0 + 300_000, 1, 1, false)).toBe(1);
  });

  it('starts one from zero at once, or as many as activation-scale says', () => {
    expect(scaler({ 'initial-scale': '0' }).poke(T0)).toBe(1);
    expect(scaler({ 'activation-scale': '3' }).poke(T0)).toBe(3);
  });

  it('does not end a process that is working, however little it weighs', () => {
    const kpa = served(scaler());
    expect(kpa.decide(T0 + 300_000, 1, 1, true)).toBe(1);
  });

  it('starts with initial-scale or min-scale, whichever is more', () => {
    expect(scaler({ 'initial-scale': '2' }).initial).toBe(2);
    expect(scaler({ 'min-scale': '3' }).initial).toBe(3);
    expect(scaler({ 'initial-scale': '0' }).initial).toBe(0);
  });
});
