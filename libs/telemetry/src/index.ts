export type { LogDestination } from './logger/logger.ts';
export { activeSpan, inSpan, withSpan, type InSpanOptions } from './span.ts';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export { continueEvent, parseTraceparent, traceparentOf, type EventContinuation } from './trace-context.ts';
