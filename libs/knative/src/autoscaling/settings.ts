import { durationMs, EbbError } from '@ebb/core';
import { AUTOSCALING } from '../annotations.ts';

/** What the autoscaler (KPA) goes by, for one revision. */
export interface ScaleSettings {
  readonly metric: 'concurrency' | 'rps';
  /** What one process can take. */
  readonly total: number;
  /** What the autoscaler aims at per process. */
  readonly target: number;
  readonly stableWindowMs: number;
  readonly panicWindowMs: number;
  /** Load in the panic window over capacity, from which on the autoscaler panics. */
  readonly panicThreshold: number;
  /** Requests that must fit on top of the load before the activator leaves the path; −1: it never leaves. */
  readonly targetBurstCapacity: number;
  readonly minScale: number;
  /** 0: no limit. */
  readonly maxScale: number;
  readonly initialScale: number;
  readonly activationScale: number;
  readonly scaleDownDelayMs: number;
  readonly podRetentionMs: number;
  readonly scaleToZeroGraceMs: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
}

type Strings = Readonly<Record<string, string>>;

/** Keys of the cluster's ConfigMap `config-autoscaler` that count here, with Knative's defaults. */
const CLUSTER_DEFAULTS: Strings = {
  'container-concurrency-target-percentage': '70',
  'container-concurrency-target-default': '100',
  'requests-per-second-target-default': '200',
  'target-burst-capacity': '211',
  'stable-window': '60s',
  'panic-window-percentage': '10',
  'panic-threshold-percentage': '200',
  'max-scale-up-rate': '1000',
  'max-scale-down-rate': '2',
  'scale-to-zero-grace-period': '30s',
  'scale-to-zero-pod-retention-period': '0s',
  'scale-down-delay': '0s',
  'initial-scale': '1',
  'min-scale': '0',
  'max-scale': '0',
};

/** Every annotation that the autoscaler knows; another one under its prefix is a typo. */
export const SCALE_ANNOTATIONS = [
  'class',
  'metric',
  'target',
  'target-utilization-percentage',
  'window',
  'panic-window-percentage',
  'panic-threshold-percentage',
  'target-burst-capacity',
  'min-scale',
  'max-scale',
  'initial-scale',
  'activation-scale',
  'scale-down-delay',
  'scale-to-zero-pod-retention-period',
  'metric-aggregation-algorithm',
] as const;

const MIN_TARGET = 0.01;
const HOUR_MS = 3_600_000;
const MIN_WINDOW_MS = 6_000;
const INT32_MAX = 2 ** 31 - 1;

/**
 * The settings of a revision from its template's annotations, its containerConcurrency and the cluster's `config-autoscaler`.
 * @throws EbbError EBB_MANIFEST naming the annotation and its bounds
 */
export function scaleSettings(
  annotations: Strings,
  containerConcurrency: number,
  clusterConfig: Strings = {},
): ScaleSettings {
  const read = new Reader(annotations, { ...CLUSTER_DEFAULTS, ...clusterConfig });
  read.refuseUnknown();
  const metric = read.metric();
  const total = totalOf(read, metric, containerConcurrency);
  const utilization =
    read.number('target-utilization-percentage', 1, 100, 'container-concurrency-target-percentage') / 100;
  const stableWindowMs = read.duration('window', MIN_WINDOW_MS, HOUR_MS, 'stable-window');
  return {
    metric,
    total,
    target: Math.max(MIN_TARGET, total * utilization),
    stableWindowMs,
    panicWindowMs: Math.max(1_000, (stableWindowMs * read.number('panic-window-percentage', 1, 100)) / 100),
    panicThreshold: read.number('panic-threshold-percentage', 110, 1_000) / 100,
    targetBurstCapacity: read.number('target-burst-capacity', -1, INT32_MAX),
    minScale: read.integer('min-scale', 0),
    maxScale: read.integer('max-scale', 0),
    initialScale: read.integer('initial-scale', 0),
    activationScale: read.own('activation-scale') === undefined ? 1 : read.integer('activation-scale', 2),
    scaleDownDelayMs: read.duration('scale-down-delay', 0, HOUR_MS),
    podRetentionMs: read.duration('scale-to-zero-pod-retention-period', 0, HOUR_MS),
    scaleToZeroGraceMs: read.cluster('scale-to-zero-grace-period', durationMs),
    maxScaleUpRate: read.cluster('max-scale-up-rate', Number),
    maxScaleDownRate: read.cluster('max-scale-down-rate', Number),
  };
}

/** What one process takes: its containerConcurrency where it has one, which a `target` may only lower. */
function totalOf(read: Reader, metric: 'concurrency' | 'rps', containerConcurrency: number): number {
  const target = read.own('target') === undefined ? undefined : read.number('target', MIN_TARGET, INT32_MAX);
  if (metric === 'rps') return target ?? read.cluster('requests-per-second-target-default', Number);
  if (containerConcurrency > 0) return Math.min(target ?? containerConcurrency, containerConcurrency);
  return target ?? read.cluster('container-concurrency-target-default', Number);
}

class Reader {
  readonly #annotations: Strings;
  readonly #cluster: Strings;

  constructor(annotations: Strings, cluster: Strings) {
    this.#annotations = annotations;
    this.#cluster = cluster;
  }

  refuseUnknown(): void {
    const known: readonly string[] = SCALE_ANNOTATIONS;
    for (const key of Object.keys(this.#annotations)) {
      if (!key.startsWith(AUTOSCALING) || known.includes(key.slice(AUTOSCALING.length))) continue;
      throw new EbbError('EBB_MANIFEST', `annotation ${key} is not known; there are ${known.join(', ')}`);
    }
  }

  own(name: string): string | undefined {
    return this.#annotations[AUTOSCALING + name];
  }

  metric(): 'concurrency' | 'rps' {
    const className = this.own('class') ?? 'kpa.autoscaling.knative.dev';
    if (className !== 'kpa.autoscaling.knative.dev') throw this.#bad('class', 'must be kpa.autoscaling.knative.dev');
    const metric = this.own('metric') ?? 'concurrency';
    if (metric !== 'concurrency' && metric !== 'rps') throw this.#bad('metric', 'must be concurrency or rps');
    return metric;
  }

  number(name: string, min: number, max: number, clusterKey = name): number {
    const value = Number(this.own(name) ?? this.#cluster[clusterKey]);
    if (Number.isNaN(value) || value < min || value > max)
      throw this.#bad(name, `must be a number from ${min} to ${max}`);
    return value;
  }

  integer(name: string, min: number): number {
    const value = this.number(name, min, INT32_MAX);
    if (!Number.isInteger(value)) throw this.#bad(name, `must be a whole number from ${min}`);
    return value;
  }

  duration(name: string, minMs: number, maxMs: number, clusterKey = name): number {
    const text = this.own(name) ?? this.#cluster[clusterKey] ?? '';
    const ms = /^\d+(\.\d+)?(ms|s|m|h)$/.test(text) ? durationMs(text) : Number.NaN;
    if (Number.isNaN(ms) || ms < minMs || ms > maxMs) {
      throw this.#bad(name, `must be a duration from ${minMs / 1_000}s to ${maxMs / 1_000}s, such as 60s`);
    }
    return ms;
  }

  cluster(key: string, parse: (text: string) => number): number {
    const value = parse(this.#cluster[key] ?? '');
    if (Number.isNaN(value) || value < 0) throw new EbbError('EBB_MANIFEST', `config-autoscaler: ${key} is not valid`);
    return value;
  }

  #bad(name: string, what: string): EbbError {
    const value = this.own(name);
    const given = value === undefined ? '' : ` (it is "${value}")`;
    return new EbbError('EBB_MANIFEST', `annotation ${AUTOSCALING}${name} ${what}${given}`);
  }
}
