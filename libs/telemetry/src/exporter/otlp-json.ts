import type { AttributeValue, Attributes, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';

/** SpanFlags of OTLP: whether a context came from elsewhere is known, and it did. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const NANOSECOND_DIGITS = 9;
const NANOSECONDS_PER_SECOND = 1_000_000_000;

/**
 * Spans as the body of an OTLP/HTTP request in JSON. The transformer's package makes an object of everything first, and costs a function as much
 * per event as reading the event does. All spans are of one process, so they share resource and scope.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function otlpJson(spans: readonly ReadableSpan[]): string {
  const [first] = spans;
  if (!first) return '{"resourceSpans":[]}';
  const { name, version } = first.instrumentationScope;
  const scope = `{"name":${text(name)}${version === undefined ? '' : `,"version":${text(version)}`}}`;
  const resource = `{"attributes":${attributesJson(first.resource.attributes)},"droppedAttributesCount":0}`;
  return `{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"scope":${scope},"spans":[${spans.map(spanJson).join(',')}]}]}]}`;
}

const text = (value: string): string => JSON.stringify(value);

function spanJson(span: ReadableSpan): string {
  const context = span.spanContext();
  const { parentSpanContext: parent, status } = span;
  const message = status.message === undefined ? '' : `,"message":${text(status.message)}`;
  return (
    `{${idsJson(context)}${parent ? `,"parentSpanId":"${parent.spanId}"` : ''},"name":${text(span.name)},"kind":${span.kind + 1}` +
    `,"startTimeUnixNano":"${nanoseconds(span.startTime)}","endTimeUnixNano":"${nanoseconds(span.endTime)}"` +
    `,"attributes":${attributesJson(span.attributes)},"droppedAttributesCount":${span.droppedAttributesCount}` +
    `,"events":${list(span.events, eventJson)},"droppedEventsCount":${span.droppedEventsCount}` +
    `,"status":{"code":${status.code}${message}}` +
    `,"links":${list(span.links, linkJson)},"droppedLinksCount":${span.droppedLinksCount}` +
    `,"flags":${flagsOf(context, parent?.isRemote)}}`
  );
}

function eventJson({ name, time, attributes = {}, droppedAttributesCount = 0 }: TimedEvent): string {
  return `{"name":${text(name)},"timeUnixNano":"${nanoseconds(time)}","attributes":${attributesJson(attributes)},"droppedAttributesCount":${droppedAttributesCount}}`;
}

function linkJson({ context, attributes = {}, droppedAttributesCount = 0 }: Link): string {
  return `{${idsJson(context)},"attributes":${attributesJson(attributes)},"droppedAttributesCount":${droppedAttributesCount},"flags":${flagsOf(context, context.isRemote)}}`;
}

/** Ids are hexadecimal digits: nothing in them needs an escape. */
function idsJson({ traceId, spanId, traceState }: SpanContext): string {
  const ids = `"traceId":"${traceId}","spanId":"${spanId}"`;
  return traceState ? `${ids},"traceState":${text(traceState.serialize())}` : ids;
}

function flagsOf({ traceFlags }: SpanContext, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}

/** More digits than a number of JavaScript has, so they are written one part after the other. */
function nanoseconds([seconds, rest]: readonly [number, number]): string {
  if (rest >= NANOSECONDS_PER_SECOND) return nanoseconds([seconds + 1, rest - NANOSECONDS_PER_SECOND]);
  return seconds === 0 ? String(rest) : `${seconds}${String(rest).padStart(NANOSECOND_DIGITS, '0')}`;
}

function attributesJson(attributes: Attributes): string {
  let members = '';
  for (const key of Object.keys(attributes)) {
    members += `${members === '' ? '' : ','}{"key":${text(key)},"value":${valueJson(attributes[key])}}`;
  }
  return `[${members}]`;
}

function valueJson(value: AttributeValue | null | undefined): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${text(value)}}`;
    case 'number':
      return `{"${Number.isInteger(value) ? 'intValue' : 'doubleValue'}":${JSON.stringify(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    default:
      return value ? `{"arrayValue":{"values":${list(value, valueJson)}}}` : '{}';
  }
}

const list = <T>(values: readonly T[], json: (value: T) => string): string =>
  values.length === 0 ? '[]' : `[${values.map((value) => json(value)).join(',')}]`;
