import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { hrTimeOf } from '../tracing/clock.ts';
import type { RecordedSpan } from '../tracing/recorded-span.ts';
import type { SpanSink } from './sink.ts';

export interface ExporterSinkOptions {
  readonly exporter: SpanExporter;
  readonly delayMs: number;
  readonly resource: Attributes;
  readonly version: string | undefined;
}

/** A batch is handed on early when it has so many. */
const MAX_TOGETHER = 512;

/** Hands spans to an exporter of OpenTelemetry's in this process. */
export class ExporterSink implements SpanSink {
  readonly #options: ExporterSinkOptions;
  readonly #resource: ReadableSpan['resource'];
  #spans: ReadableSpan[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ExporterSinkOptions) {
    this.#options = options;
    this.#resource = resourceOf(options.resource);
  }

  add(span: RecordedSpan): void {
    if (this.#spans.length === 0) this.#timer = setTimeout(() => this.#export(), this.#options.delayMs).unref();
    const { version } = this.#options;
    const scope = { name: 'ebb', ...(version !== undefined && { version }) };
    this.#spans.push(readable(span, this.#resource, scope));
    if (this.#spans.length >= MAX_TOGETHER) this.#export();
  }

  async flush(): Promise<void> {
    this.#export();
    // An exporter has told its failure already; flushing must not make a drain fail.
    await this.#options.exporter.forceFlush?.().catch(() => undefined);
  }

  async shutdown(): Promise<void> {
    await this.flush();
    await this.#options.exporter.shutdown().catch(() => undefined);
  }

  #export(): void {
    clearTimeout(this.#timer);
    if (this.#spans.length === 0) return;
    const spans = this.#spans;
    this.#spans = [];
    // What becomes of them is the exporter's own to tell.
    this.#options.exporter.export(spans, () => undefined);
  }
}

function readable(
  span: RecordedSpan,
  resource: ReadableSpan['resource'],
  scope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const { name, kind, parent, startMs, endMs = startMs, status, attributes, links, events } = span;
  const context = span.spanContext();
  return {
    name,
    kind,
    spanContext: () => context,
    ...(parent && { parentSpanContext: parent }),
    startTime: hrTimeOf(startMs),
    endTime: hrTimeOf(endMs),
    duration: hrTimeOf(endMs - startMs),
    ended: true,
    status,
    attributes,
    links: [...links],
    events: events.map((event) => ({ name: event.name, time: hrTimeOf(event.atMs), attributes: event.attributes })),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** One that is complete: nothing is detected, and nothing merged into it. */
function resourceOf(attributes: Attributes): ReadableSpan['resource'] {
  const resource: ReadableSpan['resource'] = {
    attributes,
    merge: (other) => (other ? resourceOf({ ...attributes, ...other.attributes }) : resource),
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}
