import { describe, expect, it } from '@jest/globals';
import { ScaleToZero } from './scale-to-zero.ts';
import { scaleSettings } from './settings.ts';

const at = (seconds: number): number => 1_000_000_000 + seconds * 1_000;

const gate = (cluster: Record<string, string> = {}, annotations: Record<string, string> = {}) =>
  new ScaleToZero(scaleSettings(annotations, 0, cluster));
const wanted = (want: number, isActivatorInPath: boolean) => ({ want, isActivatorInPath });

describe('scaling to zero', () => {
  it('lets what is wanted be', () => {
    expect(gate().next(at(0), wanted(7, true))).toBe(7);
  });

  it('waits for the activator to be in the path for 30 s when it was not', () => {
    const zero = gate();
    zero.next(at(0), wanted(1, false));
    expect(zero.next(at(60), wanted(0, false))).toBe(1);
    expect(zero.next(at(88), wanted(0, false))).toBe(1);
    expect(zero.next(at(90), wanted(0, false))).toBe(0);
  });

  it('goes at once when the activator never left the path', () => {
    const zero = gate();
    zero.next(at(0), wanted(1, true));
    expect(zero.next(at(60), wanted(0, true))).toBe(0);
  });

  it('keeps one for a stable window after it became active', () => {
    const zero = gate();
    zero.next(at(0), wanted(1, true));
    expect(zero.next(at(40), wanted(0, true))).toBe(1);
    expect(zero.next(at(60), wanted(0, true))).toBe(0);
  });

  it('keeps the last process for the retention period', () => {
    const zero = gate({}, { 'autoscaling.knative.dev/scale-to-zero-pod-retention-period': '2m' });
    zero.next(at(0), wanted(1, true));
    expect(zero.next(at(60), wanted(0, true))).toBe(1);
    expect(zero.next(at(178), wanted(0, true))).toBe(1);
    expect(zero.next(at(180), wanted(0, true))).toBe(0);
  });

  it('starts over when a request came in between', () => {
    const zero = gate();
    zero.next(at(0), wanted(1, false));
    zero.next(at(60), wanted(0, false));
    expect(zero.next(at(80), wanted(1, false))).toBe(1);
    expect(zero.next(at(100), wanted(0, false))).toBe(1);
    expect(zero.next(at(140), wanted(0, false))).toBe(1);
    expect(zero.next(at(170), wanted(0, false))).toBe(0);
  });

  it('keeps one where the cluster forbids zero', () => {
    const zero = gate({ 'enable-scale-to-zero': 'false' });
    expect(zero.next(at(1_000), wanted(0, true))).toBe(1);
  });
});
