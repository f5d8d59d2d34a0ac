import { messageOf, type Logger } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { useAsyncContext } from './context.ts';
import { lazyOtlpExporter } from './exporter/lazy.ts';
import { createLogger, type LogDestination } from './logger/logger.ts';

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
/** Ended spans that may wait; further ones are dropped. */
const MAX_QUEUED_SPANS = 4_096;
/** An attribute is cut here: a long SQL text must not make a span too large to export. */
const MAX_ATTRIBUTE_CHARS = 8_192;

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
  const exporter = exporterOf(options, logger.logger);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes(resourceAttributes(options)),
    // A caller's decision not to sample holds for everything that follows from it.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARS },
    spanProcessors: exporter ? [batchProcessor(exporter, options.scheduledDelayMs ?? SCHEDULED_DELAY_MS)] : [],
  });
  const flush = async (): Promise<void> => {
    // An exporter has told its failure already; flushing must not make a drain fail.
    await provider.forceFlush().catch(() => undefined);
    // The batch processor does not wait for the batch that is on its way; the exporter does.
    await exporter?.forceFlush?.().catch(() => undefined);
    await logger.flush();
  };
  return {
    tracer: provider.getTracer('ebb', options.version),
    logger: logger.logger,
    flush,
    async shutdown() {
      await flush();
      await provider.shutdown().catch((error: unknown) => {
        logger.logger.debug(`tracing did not shut down cleanly: ${messageOf(error)}`);
      });
      await logger.flush();
    },
  };
}

function exporterOf(options: TelemetryOptions, logger: Logger): SpanExporter | undefined {
  if (options.exporter) return options.exporter;
  if (options.otlpEndpoint === undefined) return undefined;
  return lazyOtlpExporter({ endpoint: options.otlpEndpoint, timeoutMs: EXPORT_TIMEOUT_MS, logger });
}

function batchProcessor(exporter: SpanExporter, scheduledDelayMs: number): BatchSpanProcessor {
  return new BatchSpanProcessor(exporter, {
    scheduledDelayMillis: scheduledDelayMs,
    maxQueueSize: MAX_QUEUED_SPANS,
    maxExportBatchSize: 512,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS + 500,
  });
}

function resourceAttributes({ service, version, instance, namespace }: TelemetryOptions): Record<string, string> {
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
