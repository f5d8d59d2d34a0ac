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

export interface InSpanOptions extends SpanOptions {
  /** The span of another process to continue; without it the active span is the parent. */
  readonly parent?: SpanContext;
  readonly links?: Link[];
}

/**
 * Runs a step inside a span of its own: the span is active while `run` is, an error is recorded and thrown on, and the
 * span always ends.
 */
export async function inSpan<T>(
  tracer: Tracer,
  name: string,
  options: InSpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const { parent, ...spanOptions } = options;
  const from = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : context.active();
  const span = tracer.startSpan(name, spanOptions, from);
  try {
    return await context.with(trace.setSpan(from, span), run, undefined, span);
  } catch (error) {
    recordError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The span that the running code belongs to. */
export function activeSpan(): Span | undefined {
  return trace.getActiveSpan();
}

function recordError(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : messageOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}
