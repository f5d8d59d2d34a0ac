import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { messageOf } from '@ebb/core';
import { RecordingTracer } from './tracing/tracer.ts';

export interface InSpanOptions extends SpanOptions {
  /** The span of another process to continue; without it the active span is the parent. */
  readonly parent?: SpanContext | undefined;
  readonly links?: Link[];
}

/**
 * Runs a step inside a span of its own: the span is active while `run` is, an error is recorded and thrown on, and the
 * span always ends.
 */
export function inSpan<T>(
  tracer: Tracer,
  name: string,
  options: InSpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const { span, within } = openSpan(tracer, name, options);
  return within(async () => {
    try {
      return await run(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span that whoever opened it ends. */
export interface OpenSpan {
  readonly span: Span;
  /** The span is active while `run` is. */
  readonly within: <T>(run: () => T) => T;
}

/** As {@link inSpan}, for the paths where a promise more counts, and for what is not done in one piece. */
export function openSpan(tracer: Tracer, name: string, options: InSpanOptions): OpenSpan {
  const { parent } = options;
  const from = parent ? ROOT_CONTEXT : context.active();
  const span = parent ? startSpanOf(tracer, parent, name, options) : tracer.startSpan(name, options, from);
  const active = trace.setSpan(from, span);
  return { span, within: (run) => context.with(active, run) };
}

function startSpanOf(tracer: Tracer, parent: SpanContext, name: string, options: SpanOptions): Span {
  if (tracer instanceof RecordingTracer) return tracer.startSpanOf(parent, name, options);
  return tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, parent));
}

/** The span that the running code belongs to. */
export function activeSpan(): Span | undefined {
  return trace.getActiveSpan();
}

function recordError(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : messageOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}
