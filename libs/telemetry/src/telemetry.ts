import type { Logger } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Tracing and logging of one process. */
export interface Telemetry {
  readonly tracer: Tracer;
  /** Lines carry `trace_id` and `span_id` of the active span. */
  readonly logger: Logger;
  /** Resolves when what was ended and logged so far has been handed on, or given up. Never rejects. */
  flush(): Promise<void>;
  /** Flushes and stops. Never rejects. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly version?: string;
  /** Which process of the service: a pod's name, a process id. */
  readonly instance?: string;
  readonly namespace?: string;
  /** Base URL of an OTLP/HTTP receiver, such as http://127.0.0.1:4318; spans are exported nowhere without it. */
  readonly otlpEndpoint?: string;
  readonly logLevel?: string;
  /** Takes the spans in process instead of `otlpEndpoint`. */
  readonly exporter?: SpanExporter;
  readonly scheduledDelayMs?: number;
}

export declare function startTelemetry(options: TelemetryOptions): Telemetry;
