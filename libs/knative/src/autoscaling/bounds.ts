import { goDurationMs } from './go-duration.ts';

/** What a value may be. */
export interface Bounds {
  /** Knative's own value where nothing else is said. */
  readonly default?: string;
  /** What is wrong with a value, in words that follow the value's name; undefined when nothing is. */
  problem(value: string): string | undefined;
}

const INT32_MAX = 2 ** 31 - 1;
const HOUR_MS = 3_600_000;
const MIN_WINDOW_MS = 6_000;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const WHOLE = /^-?\d+$/;

const numberFrom = (min: number, max: number): Bounds => ({
  problem: (value) =>
    DECIMAL.test(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : max === INT32_MAX
        ? `must be a number from ${min}`
        : `must be a number from ${min} to ${max}`,
});

const wholeFrom = (min: number): Bounds => ({
  problem: (value) =>
    WHOLE.test(value) && Number(value) >= min && Number(value) <= INT32_MAX
      ? undefined
      : `must be a whole number from ${min}`,
});

const oneOf = (...values: readonly string[]): Bounds => ({
  problem: (value) => (values.includes(value) ? undefined : `must be ${values.join(' or ')}`),
});

const durationFrom = (minMs: number, maxMs: number, grainMs = 1): Bounds => ({
  problem: (value) => {
    const ms = goDurationMs(value);
    if (ms === undefined || ms < minMs || ms > maxMs) {
      return `must be a duration from ${minMs / 1_000}s to ${maxMs / HOUR_MS}h, such as 60s`;
    }
    return ms % grainMs === 0 ? undefined : 'must be of whole seconds';
  },
});

const burst: Bounds = {
  problem: (value) =>
    DECIMAL.test(value) && (Number(value) >= 0 || Number(value) === -1)
      ? undefined
      : 'must be a number from 0, or -1 for a burst without limit',
};

/** Ebb runs Knative's own autoscaler; the one of Kubernetes scales by CPU, which says nothing about local processes. */
const kpa: Bounds = {
  problem: (value) =>
    value === 'kpa.autoscaling.knative.dev'
      ? undefined
      : 'must be kpa.autoscaling.knative.dev; other autoscalers are not run here',
};

const linear: Bounds = {
  problem: (value) => (value === 'linear' ? undefined : 'must be linear; other algorithms are not run here'),
};

/** Every annotation under `autoscaling.knative.dev/`; another one is a typo. */
export const ANNOTATION_BOUNDS: Readonly<Record<string, Bounds>> = {
  class: kpa,
  metric: oneOf('concurrency', 'rps'),
  target: numberFrom(0.01, INT32_MAX),
  'target-utilization-percentage': numberFrom(1, 100),
  window: durationFrom(MIN_WINDOW_MS, HOUR_MS, 1_000),
  'panic-window-percentage': numberFrom(1, 100),
  'panic-threshold-percentage': numberFrom(110, 1_000),
  'target-burst-capacity': burst,
  'min-scale': wholeFrom(0),
  'max-scale': wholeFrom(0),
  'initial-scale': wholeFrom(0),
  'activation-scale': wholeFrom(2),
  'scale-down-delay': durationFrom(0, HOUR_MS, 1_000),
  'scale-to-zero-pod-retention-period': durationFrom(0, HOUR_MS),
  'metric-aggregation-algorithm': linear,
};

export const SCALE_ANNOTATIONS: readonly string[] = Object.keys(ANNOTATION_BOUNDS);

const withDefault = (value: string, bounds: Bounds): Bounds => ({ ...bounds, default: value });
/** More than 1: at 1 the autoscaler could never move. */
const rate: Bounds = {
  problem: (value) => (DECIMAL.test(value) && Number(value) > 1 ? undefined : 'must be a number over 1'),
};
const flag = oneOf('true', 'false');

/** The keys of the ConfigMap `config-autoscaler` that count here, with Knative's defaults. */
export const CLUSTER_BOUNDS: Readonly<Record<string, Bounds>> = {
  'container-concurrency-target-percentage': withDefault('70', numberFrom(0.01, 100)),
  'container-concurrency-target-default': withDefault('100', numberFrom(0.01, INT32_MAX)),
  'requests-per-second-target-default': withDefault('200', numberFrom(0.01, INT32_MAX)),
  'target-burst-capacity': withDefault('211', burst),
  'stable-window': withDefault('60s', durationFrom(MIN_WINDOW_MS, HOUR_MS, 1_000)),
  'panic-window-percentage': withDefault('10', numberFrom(1, 100)),
  'panic-threshold-percentage': withDefault('200', numberFrom(110, 1_000)),
  'max-scale-up-rate': withDefault('1000', rate),
  'max-scale-down-rate': withDefault('2', rate),
  'enable-scale-to-zero': withDefault('true', flag),
  'scale-to-zero-grace-period': withDefault('30s', durationFrom(1, HOUR_MS)),
  'scale-to-zero-pod-retention-period': withDefault('0s', durationFrom(0, HOUR_MS)),
  'scale-down-delay': withDefault('0s', durationFrom(0, HOUR_MS, 1_000)),
  'initial-scale': withDefault('1', wholeFrom(0)),
  // A cluster says false unless told otherwise. Here a service that starts asleep harms nobody, so only an explicit false counts.
  'allow-zero-initial-scale': withDefault('true', flag),
  'min-scale': withDefault('0', wholeFrom(0)),
  'max-scale': withDefault('0', wholeFrom(0)),
};
