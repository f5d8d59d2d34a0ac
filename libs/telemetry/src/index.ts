export type { LogDestination } from './logger/logger.ts';
export { activeSpan, inSpan, openSpan, type InSpanOptions, type OpenSpan } from './span.ts';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export { continueEvent, parseTraceparent, traceparentOf, type EventContinuation } from './trace-context.ts';
