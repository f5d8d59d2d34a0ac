import {
  context,
  isSpanContextValid,
  SpanKind,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { newSpanId, newTraceId } from './ids.ts';
import { RecordedSpan } from './recorded-span.ts';

/**
 * Makes spans. A span of a caller that does not sample is passed on and not recorded, as all that follows from it; every other one is recorded.
 * The SDK makes the same spans at about four times the price: it is made for what a process can be told to trace otherwise.
 */
export class RecordingTracer implements Tracer {
  readonly #onEnd: (span: RecordedSpan) => void;

  /** @param onEnd takes each span that was recorded */
  constructor(onEnd: (span: RecordedSpan) => void) {
    this.#onEnd = onEnd;
  }

  startSpan(name: string, options: SpanOptions = {}, from: Context = context.active()): Span {
    return this.#start(name, options, options.root === true ? undefined : parentIn(from));
  }

  /** As {@link startSpan} in a context that has nothing but this parent, which costs more to make than the span. */
  startSpanOf(parent: SpanContext, name: string, options: SpanOptions = {}): Span {
    return this.#start(name, options, isSpanContextValid(parent) ? parent : undefined);
  }

  #start(name: string, options: SpanOptions, parent: SpanContext | undefined): Span {
    const made: SpanContext = {
      traceId: parent?.traceId ?? newTraceId(),
      spanId: newSpanId(),
      traceFlags: parent === undefined ? TraceFlags.SAMPLED : parent.traceFlags & TraceFlags.SAMPLED,
    };
    if (parent?.traceState !== undefined) made.traceState = parent.traceState;
    if ((made.traceFlags & TraceFlags.SAMPLED) === 0) return trace.wrapSpanContext(made);
    const { kind = SpanKind.INTERNAL, attributes, links, startTime } = options;
    return new RecordedSpan({ name, kind, context: made, parent, attributes, links, startTime, onEnd: this.#onEnd });
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, run: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, run: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    from: Context,
    run: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
    const run = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const from = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, from);
    return context.with(trace.setSpan(from, span), () => run(span) as ReturnType<F>);
  }
}

function parentIn(from: Context): SpanContext | undefined {
  const span = trace.getSpan(from);
  if (span === undefined) return undefined;
  const parent = span.spanContext();
  return span instanceof RecordedSpan || isSpanContextValid(parent) ? parent : undefined;
}
