import { messageOf, newId, type Clock, type Logger } from '@ebb/core';
import { encodeBinary, type CloudEvent } from '@ebb/events';
import { DEFAULT_NAMESPACE, isRetryable, nextRun, type PingSource } from '@ebb/knative';
import { inSpan, traceparentOf } from '@ebb/telemetry';
import { SpanKind, type Span, type Tracer } from '@opentelemetry/api';
import { resolveDestination } from './destination.ts';
import type { HttpRequest } from './http-answer.ts';
import type { PingStatus } from './ping-status.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { Sender } from './sender.ts';
import type { ServingPort } from './serving-port.ts';

const EVENT_TYPE = 'dev.knative.sources.ping';
const RETRIES = 5;
const FIRST_BACKOFF_MS = 50;
const TIMEOUT_MS = 600_000;
/** Counting on is of no use to anyone: a schedule of every second misses this many in three hours. */
const MAX_COUNTED = 10_000;

export interface PingPorts {
  readonly sender: Sender;
  readonly serving: ServingPort;
  readonly schedules: ScheduleStore;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Sends the events of one PingSource when they are due. */
export interface PingRunner {
  status(): PingStatus;
  /** Resolves when an event under way has been sent or given up. */
  stop(): Promise<void>;
}

/**
 * Starts a schedule. Runs that were due while nothing ran are not made up for, as in a cluster; they are counted and told.
 * A cluster spreads runs by up to half a second; here they are on time.
 * @throws EbbError EBB_MANIFEST when the schedule is not valid
 */
export function startPing(source: PingSource, ports: PingPorts): PingRunner {
  const { name, namespace = DEFAULT_NAMESPACE } = source.metadata;
  const { clock, logger, schedules } = ports;
  const stopping = new AbortController();
  const counts = { sent: 0, failed: 0, missed: 0 };
  let next = nextRun(source, new Date(clock.now()));

  const miss = (from: Date | undefined): void => {
    const missed = from ? runsBetween(source, from, new Date(clock.now())) : 0;
    if (missed === 0) return;
    counts.missed += missed;
    logger.warn(
      { schedule: name, missed },
      'runs were due while the runtime was down or asleep; they are not made up for',
    );
  };
  const remember = async (at: Date): Promise<void> => {
    await schedules.ran(namespace, name, at).catch((error: unknown) => {
      logger.warn({ schedule: name, reason: messageOf(error) }, 'the run of a schedule could not be remembered');
    });
  };
  const fire = async (at: Date): Promise<void> => {
    try {
      await send(source, at, ports, stopping.signal);
      counts.sent += 1;
    } catch (error) {
      if (stopping.signal.aborted) return;
      counts.failed += 1;
      logger.error({ schedule: name, reason: messageOf(error) }, 'a scheduled event could not be sent');
    }
    await remember(at);
  };
  const run = async (): Promise<void> => {
    miss(await schedules.lastRun(namespace, name).catch(() => undefined));
    while (next) {
      await sleepUntil(next, clock, stopping.signal);
      await fire(next);
      miss(next);
      next = nextRun(source, new Date(Math.max(clock.now(), next.getTime())));
    }
  };
  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) logger.error({ schedule: name, reason: messageOf(error) }, 'a schedule ended');
  });
  return {
    status: () => ({ namespace, name, schedule: scheduleOf(source), ...counts, ...(next && { next }) }),
    async stop() {
      stopping.abort(new Error('the schedule stops'));
      await running;
    },
  };
}

function scheduleOf({ spec }: PingSource): string {
  return spec.schedule ?? '* * * * *';
}

function runsBetween(source: PingSource, after: Date, until: Date): number {
  let count = 0;
  let at = nextRun(source, after);
  while (at && at < until && count < MAX_COUNTED) {
    count += 1;
    at = nextRun(source, at);
  }
  return count;
}

/** A timer holds 24.8 days at most, and stands still while a laptop sleeps: the clock is looked at again every minute. */
async function sleepUntil(at: Date, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let left = at.getTime() - clock.now(); left > 0; left = at.getTime() - clock.now()) {
    await clock.sleep(Math.min(left, 60_000), signal);
  }
}

function send(source: PingSource, at: Date, ports: PingPorts, signal: AbortSignal): Promise<void> {
  const options = { kind: SpanKind.PRODUCER, root: true, attributes: { 'cloudevents.event_type': EVENT_TYPE } };
  return inSpan(ports.tracer, `ping ${source.metadata.name}`, options, async (span) => {
    const event = eventOf(source, at, span);
    span.setAttribute('cloudevents.event_id', event.id);
    await sendWithRetries(source, event, span, ports, signal);
  });
}

async function sendWithRetries(
  { metadata, spec }: PingSource,
  { data, ...event }: CloudEvent,
  span: Span,
  { sender, serving, clock }: PingPorts,
  signal: AbortSignal,
): Promise<void> {
  const target = resolveDestination(spec.sink, metadata.namespace ?? DEFAULT_NAMESPACE, (name) => serving.has(name));
  const { headers, body } = encodeBinary(event, data as Buffer | undefined);
  const request: HttpRequest = {
    method: 'POST',
    headers: { ...headers, traceparent: traceparentOf(span) },
    ...(body && { body }),
    timeoutMs: TIMEOUT_MS,
    signal,
    parent: span.spanContext(),
  };
  for (let attempt = 0; ; attempt += 1) {
    const failure = await sender.send(target, request).then(
      ({ answer: { status } }) => (status < 300 ? undefined : { status, reason: `answered ${status}` }),
      (error: unknown) => ({ status: undefined, reason: messageOf(error) }),
    );
    if (!failure) return;
    signal.throwIfAborted();
    if (attempt >= RETRIES || !isRetryable(failure.status))
      throw new Error(`the sink ${target.url}: ${failure.reason}`);
    await clock.sleep(FIRST_BACKOFF_MS * 2 ** attempt, signal);
  }
}

function eventOf({ metadata, spec }: PingSource, at: Date, span: Span): CloudEvent {
  const { name, namespace = DEFAULT_NAMESPACE } = metadata;
  return {
    specversion: '1.0',
    id: newId(at.getTime()),
    source: `/apis/v1/namespaces/${namespace}/pingsources/${name}`,
    type: EVENT_TYPE,
    time: at.toISOString(),
    traceparent: traceparentOf(span),
    ...spec.ceOverrides?.extensions,
    ...dataOf(spec),
  };
}

function dataOf({ data, dataBase64, contentType }: PingSource['spec']): { data?: Buffer; datacontenttype?: string } {
  const bytes = data === undefined ? dataBase64 && Buffer.from(dataBase64, 'base64') : Buffer.from(data);
  return { ...(bytes && { data: bytes }), ...(contentType !== undefined && { datacontenttype: contentType }) };
}
