import { newId, systemClock, messageOf } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import { inSpan, traceparentOf } from '@ebb/telemetry';
import type { StoredSpan } from '@ebb/traces';
import { SpanKind, type Tracer } from '@opentelemetry/api';
import { BrokenLink } from './broken-link.ts';
import { diagnose, processSpan, publishSpan } from './diagnose.ts';
import { dataFor, type Scenario } from './scenario.ts';
import type { Sightings } from './sightings.ts';
import type { Sighting, Target } from './target.ts';

export type Way = 'http' | 'topic';

export interface ProbeOptions {
  readonly target: Target;
  readonly scenario: Scenario;
  readonly sightings: Sightings;
  readonly tracer: Tracer;
  /** For all of one attempt. */
  readonly timeoutMs: number;
}

/** What one event went through. */
export interface Passed {
  readonly way: Way;
  readonly id: string;
  readonly traceId: string;
  readonly tookMs: number;
  readonly spans: number;
  readonly services: readonly string[];
}

const POLL_TRACE_MS = 200;
/** The least time that a trace gets to arrive, however late the events came. */
const TRACE_MS = 5_000;

/** Publishes one event, waits for all that must follow from it, and asks for its trace. @throws BrokenLink */
export async function probe(way: Way, options: ProbeOptions): Promise<Passed> {
  const { scenario, timeoutMs } = options;
  const startedMs = Date.now();
  const deadlineMs = startedMs + timeoutMs;
  const id = newId();
  const traceId = await publish(way, id, options);
  let cause = await seenInTopic(id, deadlineMs, options);
  for (const link of scenario.chain) {
    const { type, topic } = link.emits;
    const follows = (each: Sighting) => each.type === type && each.subject === id && isIn(each, topic);
    const next = await options.sightings.first(follows, deadlineMs);
    if (!next) throw await diagnose(options.target, { link, cause, traceId, waitedMs: timeoutMs });
    if (next.traceId !== undefined && next.traceId !== traceId) {
      const { service, function: fn } = link;
      throw new BrokenLink(
        'trace',
        `${type} belongs to the trace ${next.traceId}, and what caused it to ${traceId}: ${service}/${fn} did not continue it`,
        options.target.hints.service(service),
      );
    }
    cause = next;
  }
  const tookMs = Date.now() - startedMs;
  const spans = await wholeTrace(traceId, Math.max(deadlineMs, Date.now() + TRACE_MS), options);
  const services = [...new Set(spans.map(({ service }) => service))].sort();
  return { way, id, traceId, tookMs, spans: spans.length, services };
}

/** A delivery is seen without its topic. */
const isIn = (sighting: Sighting, topic: string): boolean => sighting.topic === topic || sighting.topic === '';

/** @returns the trace that the event began */
function publish(way: Way, id: string, { target, scenario, tracer }: ProbeOptions): Promise<string> {
  const { type, topic } = scenario.event;
  return inSpan(tracer, `conformance ${way}`, { kind: SpanKind.PRODUCER }, async (span) => {
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source: '/conformance',
      type,
      subject: id,
      partitionkey: id,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      traceparent: traceparentOf(span),
      data: dataFor(scenario, id),
    };
    const own = span.spanContext().traceId;
    if (way === 'topic') return (await target.publishToTopic(topic, event)) ?? own;
    await target.publishHttp(topic, event);
    return own;
  });
}

async function seenInTopic(id: string, deadlineMs: number, { sightings, scenario, target }: ProbeOptions) {
  const { topic } = scenario.event;
  const seen = await sightings.first((each) => each.id === id && isIn(each, topic), deadlineMs);
  if (seen) return seen;
  throw new BrokenLink(
    'topic',
    `the event was accepted, and never seen in the topic ${topic}: the broker writes to another one, or the topic cannot be read`,
    target.hints.topic(topic),
  );
}

/** The trace once every hop is in it. @throws BrokenLink trace */
async function wholeTrace(
  traceId: string,
  deadlineMs: number,
  { target, scenario }: ProbeOptions,
): Promise<readonly StoredSpan[]> {
  for (;;) {
    const answer = await target.trace(traceId).catch((error: unknown) => messageOf(error));
    const missing = typeof answer === 'string' ? [] : missingHops(scenario, answer);
    if (typeof answer !== 'string' && missing.length === 0) return answer;
    if (Date.now() >= deadlineMs) throw noTrace(traceId, answer, missing, target);
    await systemClock.sleep(POLL_TRACE_MS);
  }
}

function missingHops({ chain }: Scenario, spans: readonly StoredSpan[]): readonly string[] {
  const functions = chain.filter(
    (link) => !spans.some(({ service, name }) => service === link.service && name === processSpan(link)),
  );
  const published = chain.filter((link) => !spans.some(({ name }) => name === publishSpan(link)));
  return [
    ...functions.map((link) => `"${processSpan(link)}" of ${link.service}`),
    ...published.map((link) => `"${publishSpan(link)}"`),
  ];
}

function noTrace(
  traceId: string,
  answer: readonly StoredSpan[] | string,
  missing: readonly string[],
  { hints }: Target,
): BrokenLink {
  if (typeof answer === 'string') {
    return new BrokenLink('trace', `all events came, and traces cannot be asked for: ${answer}`, hints.traces());
  }
  const what =
    answer.length === 0
      ? `there is no trace ${traceId}: spans do not arrive`
      : `the trace ${traceId} has ${answer.length} spans, and not ${missing.join(', ')}`;
  return new BrokenLink('trace', `all events came, but ${what}`, hints.traces());
}
