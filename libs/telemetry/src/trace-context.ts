import { createTraceState, TraceFlags, type Link, type Span, type SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

/**
 * The span context of a W3C `traceparent` value, with the `tracestate` that came beside it.
 * Anything that the specification calls invalid gives undefined, so that the receiver starts a trace of its own.
 * A version after 00 may carry more fields; they are ignored. An invalid tracestate is dropped, the traceparent holds.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(value: string | undefined, tracestate?: string): SpanContext | undefined {
  const match = TRACEPARENT.exec(value ?? '');
  if (!match) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (traceId === ZERO_TRACE || spanId === ZERO_SPAN) return undefined;
  const state = parseTracestate(tracestate);
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  };
}

/** The W3C `traceparent` value of a span: what goes into a header or into an event's attribute. */
export function traceparentOf(span: Span | SpanContext): string {
  const { traceId, spanId, traceFlags } = 'spanContext' in span ? span.spanContext() : span;
  return `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`;
}

/** What the span that processes an event starts from. */
export interface EventContinuation {
  readonly parent?: SpanContext;
  readonly links: Link[];
}

/**
 * Which trace a receiver of an event continues: always the event's own (`traceparent` attribute).
 * The header's span is the parent when it belongs to the same trace, because it is the nearest hop. Otherwise it is only
 * linked: a data plane is known to send another event's context with an event that has none, and a header without an
 * attribute cannot be told from that.
 */
export function continueEvent(
  attribute: string | undefined,
  header: string | undefined,
  tracestate?: string,
): EventContinuation {
  const own = parseTraceparent(attribute, tracestate);
  // Most often the event comes from where it was made: read once.
  const hop = header === attribute && own !== undefined && !own.traceState ? own : parseTraceparent(header);
  if (!hop) return own ? { parent: own, links: [] } : { links: [] };
  if (!own) return { links: [{ context: hop }] };
  if (hop.traceId !== own.traceId) return { parent: own, links: [{ context: hop }] };
  return { parent: own.traceState ? { ...hop, traceState: own.traceState } : hop, links: [] };
}

/** key=value of a list member; the value may hold spaces but not end with one. */
const MEMBER =
  /^([a-z][a-z\d_\-*/]{0,255}|[a-z\d][a-z\d_\-*/]{0,240}@[a-z][a-z\d_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;
/** What every party must be able to carry; past it the list is dropped rather than cut. */
const MAX_TRACESTATE_CHARS = 512;

/**
 * The list members of a `tracestate`, or undefined when any of it is invalid.
 * @see https://www.w3.org/TR/trace-context/#tracestate-header
 */
function parseTracestate(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const members = value
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const keys = members.map((member) => MEMBER.exec(member)?.[1]);
  const valid = members.length > 0 && members.length <= MAX_MEMBERS && !keys.includes(undefined);
  if (!valid || new Set(keys).size !== keys.length) return undefined;
  const state = members.join(',');
  return state.length <= MAX_TRACESTATE_CHARS ? state : undefined;
}
