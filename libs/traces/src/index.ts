export type { SpanEvent, SpanKindName, SpanLink, SpanStatus, StoredSpan } from './span.ts';
export type { Operation, TraceQuery, TraceStore } from './store/store.ts';
export { openTraceStore, type TraceStoreOptions } from './store/open.ts';
export { decodeOtlp } from './otlp/decode.ts';
export { otlpHandler, type OtlpHandler, type OtlpHandlerOptions } from './otlp/handler.ts';
export { spanExporterOf } from './exporter.ts';
export { jaegerHandler } from './jaeger/handler.ts';
export { traceTree, type TraceNode } from './tree/tree.ts';
export { renderTree, type RenderOptions } from './tree/render.ts';
