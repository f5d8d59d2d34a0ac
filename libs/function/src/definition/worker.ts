import type { ConfigOf, Logger, Settings } from '@ebb/core';
import type { Telemetry } from '@ebb/telemetry';

import type { Metrics } from '../process/metrics.ts';
import type { NoSettings } from './no-settings.ts';
import { definitionOf } from './validate.ts';

/** What a worker runs with. */
export interface WorkerContext<S extends Settings = Settings> {
  readonly config: ConfigOf<S>;
  readonly log: Logger;
  readonly tracer: Telemetry['tracer'];
  /** What `GET /metrics` answers. */
  readonly metrics: Metrics;
  /** Aborted by SIGTERM: finish what is in hand, then return. */
  readonly signal: AbortSignal;
  /** Call it once the worker does its work: readiness answers 200 from then on. */
  readonly ready: () => void;
  /** Call it when the worker cannot do its work for now: readiness answers 503 with the reason until `ready` is called again. */
  readonly notReady: (reason: string) => void;
}

export interface WorkerOptions<S extends Settings> {
  readonly settings?: S;
  /** The worker publishes the outboxes of all services: it is given EVENT_LOG_URL, OUTBOX_SCHEMAS and TOPICS. */
  readonly outboxes?: boolean;
  /** Runs until `signal` is aborted. Returning earlier, or rejecting, ends the process with exit code 1. */
  readonly run: (context: WorkerContext<S>) => Promise<void>;
}

export interface WorkerDefinition {
  readonly kind: 'worker';
  readonly name: string;
  readonly outboxes: boolean;
  readonly settings: Settings;
  readonly run: (context: WorkerContext) => Promise<void>;
}

/**
 * Defines a worker: a process that is always on, and works from its own loop instead of requests.
 * @throws EbbError EBB_DEFINITION, naming the worker and the field
 */
export function defineWorker<const S extends Settings = NoSettings>(
  name: string,
  options: WorkerOptions<S>,
): WorkerDefinition {
  const check = definitionOf('worker', name);
  check.name();
  return Object.freeze({
    kind: 'worker',
    name,
    outboxes: options.outboxes ?? false,
    settings: options.settings ?? {},
    // loadConfig reads exactly these settings, so the context has the promised shape.
    run: options.run as unknown as WorkerDefinition['run'],
  } satisfies WorkerDefinition);
}
