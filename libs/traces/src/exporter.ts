import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceStore } from './store/store.ts';

export declare function spanExporterOf(store: TraceStore, service: string): SpanExporter;
