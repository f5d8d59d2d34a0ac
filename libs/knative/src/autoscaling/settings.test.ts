import { describe, expect, it } from '@jest/globals';
import { SCALE_ANNOTATIONS } from './bounds.ts';
import { goDurationMs } from './go-duration.ts';
import { scaleSettings } from './settings.ts';

const PREFIX = 'autoscaling.knative.dev/';
const settings = (own: Record<string, string>, containerConcurrency = 0, cluster: Record<string, string> = {}) =>
  scaleSettings(
    Object.fromEntries(Object.entries(own).map(([key, value]) => [PREFIX + key, value])),
    containerConcurrency,
    cluster,
  );

describe('scale settings', () => {
  it("are Knative's where nothing is said", () => {
    expect(settings({})).toEqual({
      metric: 'concurrency',
      total: 100,
      target: 70,
      stableWindowMs: 60_000,
      panicWindowMs: 6_000,
      panicThreshold: 2,
      targetBurstCapacity: 211,
      minScale: 0,
      maxScale: 0,
      initialScale: 1,
      activationScale: 1,
      scaleDownDelayMs: 0,
      podRetentionMs: 0,
      scaleToZeroGraceMs: 30_000,
      isZeroAllowed: true,
      maxScaleUpRate: 1_000,
      maxScaleDownRate: 2,
    });
  });

  it.each([
    [{}, 10, 10, 7],
    [{ target: '4' }, 10, 4, 2.8],
    [{ target: '50' }, 10, 10, 7],
    [{ target: '50' }, 0, 50, 35],
    [{ target: '0.01', 'target-utilization-percentage': '1' }, 0, 0.01, 0.01],
    [{ metric: 'rps' }, 10, 200, 140],
    [{ metric: 'rps', target: '1000' }, 10, 1_000, 700],
    [{ 'target-utilization-percentage': '100' }, 3, 3, 3],
  ])('make of %o and containerConcurrency %d a total of %d and a target of %d', (own, cc, total, target) => {
    const { total: actualTotal, target: actualTarget } = settings(own, cc);
    expect([actualTotal, actualTarget]).toEqual([total, expect.closeTo(target, 9)]);
  });

  it('rounds the panic window to whole seconds, one at least', () => {
    expect(settings({ window: '6s' }).panicWindowMs).toBe(1_000);
    expect(settings({ window: '37s' }).panicWindowMs).toBe(4_000);
  });

  it('reads the older spelling', () => {
    expect(settings({ minScale: '2', maxScale: '3' })).toMatchObject({ minScale: 2, maxScale: 3 });
  });

  it("puts annotations over the cluster's configuration", () => {
    const cluster = { 'stable-window': '20s', 'scale-to-zero-grace-period': '5s', 'pod-autoscaler-class': 'x' };
    expect(settings({}, 0, cluster)).toMatchObject({ stableWindowMs: 20_000, scaleToZeroGraceMs: 5_000 });
    expect(settings({ window: '1m30s' }, 0, cluster).stableWindowMs).toBe(90_000);
  });

  it.each([
    ['class', 'hpa.autoscaling.knative.dev', 'must be kpa.autoscaling.knative.dev'],
    ['metric', 'cpu', 'must be concurrency or rps'],
    ['target', '0', 'must be a number from 0.01'],
    ['target', '', 'must be a number from 0.01'],
    ['target', '0x10', 'must be a number from 0.01'],
    ['target-utilization-percentage', '101', 'must be a number from 1 to 100'],
    ['window', '5s', 'must be a duration from 6s to 1h'],
    ['window', '61m', 'must be a duration from 6s to 1h'],
    ['window', '6.5s', 'must be of whole seconds'],
    ['window', '60', 'must be a duration from 6s to 1h'],
    ['panic-window-percentage', '0.5', 'must be a number from 1 to 100'],
    ['panic-threshold-percentage', '109', 'must be a number from 110 to 1000'],
    ['target-burst-capacity', '-0.5', 'must be a number from 0, or -1'],
    ['min-scale', '-1', 'must be a whole number from 0'],
    ['max-scale', '1.5', 'must be a whole number from 0'],
    ['initial-scale', 'one', 'must be a whole number from 0'],
    ['activation-scale', '1', 'must be a whole number from 2'],
    ['scale-down-delay', '2h', 'must be a duration from 0s to 1h'],
    ['scale-to-zero-pod-retention-period', '-1s', 'must be a duration from 0s to 1h'],
    ['metric-aggregation-algorithm', 'weighted-exponential', 'must be linear'],
    ['mim-scale', '1', 'is not known; there are class, metric'],
  ])('refuse %s: "%s"', (name, value, message) => {
    const refused = () => settings({ [name]: value });
    expect(refused).toThrow(expect.objectContaining({ code: 'EBB_MANIFEST' }));
    expect(refused).toThrow(`annotation ${PREFIX}${name} ${message}`);
  });

  it('refuse what contradicts itself', () => {
    expect(() => settings({ 'min-scale': '3', 'max-scale': '2' })).toThrow('max-scale (2) is less than min-scale (3)');
    expect(() => settings({ 'activation-scale': '3', 'max-scale': '2' })).toThrow('between min-scale and max-scale');
    expect(() => settings({ 'initial-scale': '0' }, 0, { 'allow-zero-initial-scale': 'false' })).toThrow(
      'initial-scale must not be 0',
    );
  });

  it('tell every problem at once', () => {
    expect(() => settings({ target: '0', window: '1s' }, 0, { 'max-scale-down-rate': '1' })).toThrow(
      /target must.*window must.*config-autoscaler: max-scale-down-rate must be a number over 1/,
    );
  });

  it('leave other annotations alone', () => {
    expect(() => scaleSettings({ 'example.com/window': 'x' }, 0)).not.toThrow();
    expect(SCALE_ANNOTATIONS).toHaveLength(15);
  });
});

describe('a duration of Go', () => {
  it.each([
    ['0', 0],
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
  ])('%s is %d ms', (text, ms) => {
    expect(goDurationMs(text)).toBe(ms);
  });

  it.each(['', '60', 's', '1 s', '-1s', 'PT1S', '1d'])('"%s" is none', (text) => {
    expect(goDurationMs(text)).toBeUndefined();
  });
});
