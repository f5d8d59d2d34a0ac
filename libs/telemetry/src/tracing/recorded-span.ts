import {
  SpanStatusCode,
  type Attributes,
  type AttributeValue,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import { copyOf, shortened } from './attributes.ts';
import { nowMs } from './clock.ts';

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Attributes;
}

export interface RecordedSpanOptions {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes | undefined;
  readonly links: readonly Link[] | undefined;
  readonly startTime: TimeInput | undefined;
  /** Takes the span when it has ended. */
  readonly onEnd: (span: RecordedSpan) => void;
}

/** More would say no more, and a loop that adds them must not fill the memory. */
const MAX_EVENTS = 128;
const MAX_LINKS = 128;
/** Shared, never written to. */
const NO_ATTRIBUTES: Attributes = Object.freeze({});
const NO_LINKS: readonly Link[] = [];
const NO_EVENTS: readonly SpanEvent[] = [];
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };

/** A span that is kept until it has ended, and then handed on. What comes after that is ignored. */
export class RecordedSpan implements Span {
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  /** Changed only by the span itself. */
  attributes: Attributes;
  readonly startMs: number;
  endMs: number | undefined;
  name: string;
  status: SpanStatus = UNSET;
  links: readonly Link[] = NO_LINKS;
  events: readonly SpanEvent[] = NO_EVENTS;
  readonly #context: SpanContext;
  readonly #onEnd: RecordedSpanOptions['onEnd'];

  constructor({ name, kind, context, parent, attributes, links, startTime, onEnd }: RecordedSpanOptions) {
    this.name = name;
    this.kind = kind;
    this.parent = parent;
    this.attributes = attributes === undefined ? NO_ATTRIBUTES : copyOf(attributes);
    this.startMs = startTime === undefined ? nowMs() : msOf(startTime);
    this.#context = context;
    this.#onEnd = onEnd;
    if (links !== undefined && links.length > 0) this.addLinks([...links]);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(name: string, value: AttributeValue): this {
    if (!this.isRecording()) return this;
    if (this.attributes === NO_ATTRIBUTES) this.attributes = {};
    this.attributes[name] = shortened(value);
    return this;
  }

  /** Cheaper than one by one where there are none yet: they are copied as a whole. */
  setAttributes(attributes: Attributes): this {
    if (this.attributes === NO_ATTRIBUTES) {
      if (this.isRecording()) this.attributes = copyOf(attributes);
      return this;
    }
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined) this.setAttribute(name, value);
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (!this.isRecording() || this.events.length >= MAX_EVENTS) return this;
    const isTime = isTimeInput(attributesOrTime);
    const at = isTime ? attributesOrTime : time;
    const attributes = copyOf(isTime ? undefined : attributesOrTime);
    this.events = [...this.events, { name, atMs: at === undefined ? nowMs() : msOf(at), attributes }];
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (this.isRecording()) this.links = [...this.links, ...links].slice(0, MAX_LINKS);
    return this;
  }

  /** What was said to be right stays so; what went wrong may be told better. */
  setStatus({ code, message }: SpanStatus): this {
    if (!this.isRecording() || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    this.status = code === SpanStatusCode.ERROR && message !== undefined ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (this.isRecording()) this.name = name;
    return this;
  }

  isRecording(): boolean {
    return this.endMs === undefined;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.addEvent('exception', attributesOf(exception), time);
  }

  end(endTime?: TimeInput): void {
    if (!this.isRecording()) return;
    this.endMs = Math.max(this.startMs, endTime === undefined ? nowMs() : msOf(endTime));
    this.#onEnd(this);
  }
}

/** As OpenTelemetry names what describes an error. */
function attributesOf(exception: Exception): Attributes {
  if (typeof exception === 'string') return { 'exception.message': exception };
  const { code, name, message, stack } = exception;
  const type = code === undefined ? name : String(code);
  return {
    ...(type !== undefined && { 'exception.type': type }),
    ...(message !== undefined && { 'exception.message': message }),
    ...(stack !== undefined && { 'exception.stacktrace': stack }),
  };
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value);
}

/** A number is milliseconds, since 1970 or, where it is too small for that, of `performance.now()`. */
function msOf(time: TimeInput): number {
  if (Array.isArray(time)) return time[0] * 1_000 + time[1] / 1_000_000;
  const ms = Number(time);
  return ms <= performance.now() ? performance.timeOrigin + ms : ms;
}
