import type { Logger } from '@ebb/core';
import type { Attributes, Tracer } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { useAsyncContext } from './context.ts';
import { ExporterSink } from './exporter/exporter-sink.ts';
import { OtlpSink } from './exporter/otlp-sink.ts';
import type { SpanSink } from './exporter/sink.ts';
import { createLogger, type LogDestination } from './logger/logger.ts';
import { RecordingTracer } from './tracing/tracer.ts';

/** Tracing and logging of one process. */
export interface Telemetry {
  readonly tracer: Tracer;
  /** Lines carry `trace_id` and `span_id` of the active span. */
  readonly logger: Logger;
  /** Resolves when what was ended and logged so far has been handed on, or given up. Never rejects. */
  readonly flush: () => Promise<void>;
  /** Flushes and stops. Never rejects. */
  readonly shutdown: () => Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly version?: string;
  /** Which process of the service: a pod's name, a process id. */
  readonly instance?: string;
  readonly namespace?: string;
  /** Base URL of an OTLP/HTTP receiver, such as http://127.0.0.1:4318; spans are exported nowhere without it. */
  readonly otlpEndpoint?: string;
  /** The least level that is written: trace, debug, info (default), warn, error, fatal, silent. */
  readonly logLevel?: string;
  /** Takes the spans in process instead of `otlpEndpoint`. */
  readonly exporter?: SpanExporter;
  /** How long an ended span waits for company before it is exported. Default 200. */
  readonly scheduledDelayMs?: number;
  /** Where log lines go instead of standard output. */
  readonly logDestination?: LogDestination;
}

const SCHEDULED_DELAY_MS = 200;
/** Past this an export is given up, so that a process that drains is not held up by its collector. */
const EXPORT_TIMEOUT_MS = 2_000;

/**
 * Starts tracing and logging for this process. Nothing is read from or written to the network or the disk until the first
 * span is exported or the first line is logged, and the code for both is loaded only then.
 * @throws EbbError EBB_CONFIG for an unknown log level or an endpoint that is no http(s) URL
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  useAsyncContext();
  const logger = createLogger({
    level: options.logLevel ?? 'info',
    base: logFields(options),
    ...(options.logDestination && { destination: options.logDestination }),
  });
  const sink = sinkOf(options, logger.logger);
  const flush = async (): Promise<void> => {
    await sink?.flush();
    await logger.flush();
  };
  return {
    tracer: new RecordingTracer((span) => sink?.add(span)),
    logger: logger.logger,
    flush,
    async shutdown() {
      await flush();
      await sink?.shutdown();
      await logger.flush();
    },
  };
}

function sinkOf(options: TelemetryOptions, logger: Logger): SpanSink | undefined {
  const { exporter, otlpEndpoint: endpoint, version, scheduledDelayMs: delayMs = SCHEDULED_DELAY_MS } = options;
  const common = { delayMs, version, resource: resourceAttributes(options) };
  if (exporter) return new ExporterSink({ exporter, ...common });
  if (endpoint === undefined) return undefined;
  return new OtlpSink({ endpoint, timeoutMs: EXPORT_TIMEOUT_MS, logger, ...common });
}

function resourceAttributes({ service, version, instance, namespace }: TelemetryOptions): Attributes {
  return {
    'service.name': service,
    ...(version !== undefined && { 'service.version': version }),
    ...(instance !== undefined && { 'service.instance.id': instance }),
    ...(namespace !== undefined && { 'service.namespace': namespace }),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
  };
}

function logFields({ service, version, instance }: TelemetryOptions): Record<string, string> {
  return { service, ...(version !== undefined && { version }), ...(instance !== undefined && { instance }) };
}
