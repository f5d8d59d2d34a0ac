import type { Attributes, AttributeValue, Link, SpanContext } from '@opentelemetry/api';
import { nanosecondsOf } from '../tracing/clock.ts';
import type { RecordedSpan, SpanEvent } from '../tracing/recorded-span.ts';

/** Said of a parent or a link besides its ids: that it is known whether it is in another process, and that it is. */
const KNOWS_WHERE = 0x100;
const IS_REMOTE = 0x200;

/** Around the spans of one process, in OTLP's JSON mapping; between them are commas. */
export function framesOf(resource: Attributes, version: string | undefined): { head: string; tail: string } {
  const scope = JSON.stringify({ name: 'ebb', ...(version !== undefined && { version }) });
  const head = `{"resourceSpans":[{"resource":{"attributes":${listOf(resource)}},"scopeSpans":[{"scope":${scope},"spans":[`;
  return { head, tail: ']}]}]}' };
}

/** One span in OTLP's JSON mapping. Written by hand: ids and numbers need no escaping, and what keeps coming is escaped once. */
export function jsonOf(span: RecordedSpan): string {
  const { parent, kind, name, startMs, endMs = startMs, attributes, events, links, status } = span;
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  // Kinds count from 0 in the API, and from 1 in OTLP.
  let json = `{"traceId":"${traceId}","spanId":"${spanId}",`;
  if (parent) json += `"parentSpanId":"${parent.spanId}",`;
  if (traceState) json += `"traceState":${JSON.stringify(traceState.serialize())},`;
  json += `"name":${quotedOnce(name)},"kind":${kind + 1},"startTimeUnixNano":"${nanosecondsOf(startMs)}",`;
  json += `"endTimeUnixNano":"${nanosecondsOf(endMs)}","attributes":${listOf(attributes)},`;
  if (events.length > 0) json += `"events":[${events.map(eventOf).join(',')}],`;
  if (links.length > 0) json += `"links":[${links.map(linkOf).join(',')}],`;
  json += status.message === undefined ? '"status":{' : `"status":{"message":${quoted(status.message)},`;
  return `${json}"code":${status.code}},"flags":${flagsOf(traceFlags, parent)}}`;
}

const flagsOf = (flags: number, from: SpanContext | undefined): number =>
  flags | KNOWS_WHERE | (from?.isRemote === true ? IS_REMOTE : 0);

function eventOf({ name, atMs, attributes }: SpanEvent): string {
  return `{"timeUnixNano":"${nanosecondsOf(atMs)}","name":${quotedOnce(name)},"attributes":${listOf(attributes)}}`;
}

function linkOf({ context, attributes }: Link): string {
  return `{${idsOf(context)},"attributes":${listOf(attributes ?? {})},"flags":${flagsOf(context.traceFlags, context)}}`;
}

function idsOf({ traceId, spanId, traceState }: SpanContext): string {
  const state = traceState ? `,"traceState":${JSON.stringify(traceState.serialize())}` : '';
  return `"traceId":${quoted(traceId)},"spanId":${quoted(spanId)}${state}`;
}

function listOf(attributes: Attributes): string {
  let list = '[';
  for (const name in attributes) {
    const value = attributes[name];
    const json = value === undefined ? undefined : valueOf(value);
    if (json === undefined) continue;
    list += `${list.length > 1 ? ',' : ''}{"key":${quotedOnce(name)},"value":{${json}}}`;
  }
  return `${list}]`;
}

/** Undefined for what no attribute can hold. */
function valueOf(value: AttributeValue): string | undefined {
  if (typeof value === 'string') return `"stringValue":${value.length > LONG ? quotedOnce(value) : quoted(value)}`;
  if (typeof value === 'boolean') return `"boolValue":${value}`;
  if (typeof value === 'number') return numberOf(value);
  if (!Array.isArray(value)) return undefined;
  const values = value.map((each) => (each === null || each === undefined ? '' : valueOf(each)));
  return `"arrayValue":{"values":[${values.map((json) => `{${json ?? ''}}`).join(',')}]}`;
}

function numberOf(value: number): string {
  if (Number.isSafeInteger(value)) return `"intValue":${value}`;
  return `"doubleValue":${Number.isFinite(value) ? value : `"${value > 0 ? 'Infinity' : value < 0 ? '-Infinity' : 'NaN'}"`}`;
}

/** A value of this length is most likely the text of a statement, which comes again and again. */
const LONG = 128;
const MAX_KNOWN = 1_000;
const known = new Map<string, string>();

/** For names, and long texts that keep coming. What is remembered is bounded. */
function quotedOnce(text: string): string {
  let json = known.get(text);
  if (json === undefined) {
    json = JSON.stringify(text);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, json);
  }
  return json;
}

/** Printable ASCII but the quote and the backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));
