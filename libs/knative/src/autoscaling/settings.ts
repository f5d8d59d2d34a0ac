import { EbbError } from '@ebb/core';
import { AUTOSCALING } from '../annotations.ts';
import { ANNOTATION_BOUNDS, CLUSTER_BOUNDS, SCALE_ANNOTATIONS, type Bounds } from './bounds.ts';
import { goDurationMs } from './go-duration.ts';

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
  readonly isZeroAllowed: boolean;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
}

type Strings = Readonly<Record<string, string>>;

const MIN_TARGET = 0.01;
const MIN_PANIC_WINDOW_MS = 1_000;

/**
 * The settings of a revision from its template's annotations, its containerConcurrency and the cluster's `config-autoscaler`.
 * @throws EbbError EBB_MANIFEST naming every wrong annotation with its value and its bounds
 */
export function scaleSettings(
  annotations: Strings,
  containerConcurrency: number,
  clusterConfig: Strings = {},
): ScaleSettings {
  const read = new Reader(annotations, clusterConfig);
  read.check();
  const metric = read.text('metric') === 'rps' ? 'rps' : 'concurrency';
  const total = totalOf(read, metric, containerConcurrency);
  const stableWindowMs = read.duration('window', 'stable-window');
  const panicWindowMs = (stableWindowMs * read.number('panic-window-percentage')) / 100;
  return {
    metric,
    total,
    target: Math.max(MIN_TARGET, (total * utilizationPercentage(read, metric)) / 100),
    stableWindowMs,
    panicWindowMs: Math.max(MIN_PANIC_WINDOW_MS, Math.round(panicWindowMs / 1_000) * 1_000),
    panicThreshold: read.number('panic-threshold-percentage') / 100,
    targetBurstCapacity: read.number('target-burst-capacity'),
    minScale: read.number('min-scale'),
    maxScale: read.number('max-scale'),
    initialScale: read.number('initial-scale'),
    activationScale: read.own('activation-scale') === undefined ? 1 : read.number('activation-scale'),
    scaleDownDelayMs: read.duration('scale-down-delay'),
    podRetentionMs: read.duration('scale-to-zero-pod-retention-period'),
    scaleToZeroGraceMs: read.duration('scale-to-zero-grace-period'),
    isZeroAllowed: read.text('enable-scale-to-zero') !== 'false',
    maxScaleUpRate: read.number('max-scale-up-rate'),
    maxScaleDownRate: read.number('max-scale-down-rate'),
  };
}

/** What one process takes: its containerConcurrency where it has one, which a `target` may only lower. */
function totalOf(read: Reader, metric: 'concurrency' | 'rps', containerConcurrency: number): number {
  const target = read.own('target') === undefined ? undefined : read.number('target');
  if (metric === 'rps') return target ?? read.number('requests-per-second-target-default');
  if (containerConcurrency > 0) return Math.min(target ?? containerConcurrency, containerConcurrency);
  return target ?? read.number('container-concurrency-target-default');
}

const DEFAULT_UTILIZATION = 70;

/** The cluster's percentage is of concurrency; for requests per second it cannot be set there. */
function utilizationPercentage(read: Reader, metric: 'concurrency' | 'rps'): number {
  if (read.own('target-utilization-percentage') !== undefined) return read.number('target-utilization-percentage');
  if (metric === 'rps') return DEFAULT_UTILIZATION;
  const cluster = read.number('container-concurrency-target-percentage');
  // Up to 1 it is a fraction, as it was at first.
  return cluster <= 1 ? cluster * 100 : cluster;
}

/** Reads a key from the annotations, else from the cluster's configuration, else Knative's default. */
class Reader {
  readonly #annotations: ReadonlyMap<string, string>;
  readonly #cluster: Strings;
  readonly #unknown: readonly string[];

  constructor(annotations: Strings, cluster: Strings) {
    const own = Object.entries(annotations).filter(([key]) => key.startsWith(AUTOSCALING));
    const named = own.map(([key, value]) => [canonical(key.slice(AUTOSCALING.length)), value] as const);
    this.#annotations = new Map(named);
    this.#unknown = named.map(([name]) => name).filter((name) => !Object.hasOwn(ANNOTATION_BOUNDS, name));
    this.#cluster = cluster;
  }

  /** @throws EbbError EBB_MANIFEST with everything that is wrong */
  check(): void {
    const problems = [
      ...this.#unknown.map((name) => `annotation ${AUTOSCALING}${name} is not known; there are ${KNOWN}`),
      ...[...this.#annotations].flatMap(([name, value]) =>
        problemsOf(`annotation ${AUTOSCALING}${name}`, value, ANNOTATION_BOUNDS[name]),
      ),
      // Other keys of that ConfigMap are of no use here; those that are must be right.
      ...Object.entries(this.#cluster).flatMap(([key, value]) =>
        problemsOf(`config-autoscaler: ${key}`, value, CLUSTER_BOUNDS[key]),
      ),
    ];
    if (problems.length === 0) problems.push(...this.#inconsistencies());
    if (problems.length > 0) throw new EbbError('EBB_MANIFEST', problems.join('; '));
  }

  #inconsistencies(): string[] {
    const [min, max] = [this.number('min-scale'), this.number('max-scale')];
    const activation = this.own('activation-scale');
    const problems: string[] = [];
    if (max > 0 && max < min)
      problems.push(`annotation ${AUTOSCALING}max-scale (${max}) is less than min-scale (${min})`);
    if (activation !== undefined && (Number(activation) < min || (max > 0 && Number(activation) > max))) {
      problems.push(
        `annotation ${AUTOSCALING}activation-scale (${activation}) must be between min-scale and max-scale`,
      );
    }
    if (this.text('allow-zero-initial-scale') === 'false' && this.number('initial-scale') === 0) {
      problems.push(
        `annotation ${AUTOSCALING}initial-scale must not be 0: config-autoscaler says allow-zero-initial-scale "false"`,
      );
    }
    return problems;
  }

  own(name: string): string | undefined {
    return this.#annotations.get(name);
  }

  text(name: string, clusterKey = name): string {
    return this.own(name) ?? this.#cluster[clusterKey] ?? CLUSTER_BOUNDS[clusterKey]?.default ?? '';
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  duration(name: string, clusterKey = name): number {
    return goDurationMs(this.text(name, clusterKey)) ?? 0;
  }
}

const KNOWN = SCALE_ANNOTATIONS.join(', ');

function problemsOf(subject: string, value: string, bounds: Bounds | undefined): string[] {
  const what = bounds?.problem(value);
  return what === undefined ? [] : [`${subject} ${what} (it is "${value}")`];
}

/** Knative still reads the older spelling of its annotations: minScale for min-scale. */
function canonical(name: string): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.hasOwn(ANNOTATION_BOUNDS, kebab) ? kebab : name;
}
