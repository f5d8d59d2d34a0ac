import { EbbError, messageOf, systemClock, TimeoutError } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import type { PendingEvent, PublishResult, RefusedEvent } from '@ebb/postgres';
import type { Tracer } from '@opentelemetry/api';
import { endHops, hopOf, type Hop } from './hop.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import type { TopicHealth } from './topic-health.ts';

/** Takes events to their topics. Never rejects. */
export type Publisher = (events: readonly PendingEvent[]) => Promise<PublishResult>;

export interface PublisherParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly tracer: Tracer;
  readonly health: TopicHealth;
  readonly metrics: RelayMetrics;
  /** A log that does not answer must not hold the lane's lock for ever. What it stores later all the same comes twice, which every inbox absorbs. */
  readonly answerTimeoutMs: number;
}

/**
 * Appends events to the log in the order given, each with a span of its own: the hop that consumers continue from.
 * A topic that cannot be written to keeps its own events back, and no others; an event that no log takes keeps back none.
 */
export function publisherTo({ log, tracer, health, metrics, answerTimeoutMs }: PublisherParts): Publisher {
  return async (events) => {
    const { ready, refused } = prepare(events, tracer);
    const byTopic = new Map<string, Hop[]>();
    for (const hop of ready) {
      const ofTopic = byTopic.get(hop.pending.topic);
      if (ofTopic) ofTopic.push(hop);
      else byTopic.set(hop.pending.topic, [hop]);
    }
    const results = await Promise.all([...byTopic].map(([topic, hops]) => publishTo(topic, hops)));
    return {
      published: results.flatMap(({ published }) => published),
      refused: [...refused, ...results.flatMap((result) => result.refused)],
    };
  };

  async function publishTo(topic: string, hops: readonly Hop[]): Promise<PublishResult> {
    try {
      await append(topic, hops);
      return { published: hops.map(({ pending }) => pending), refused: [] };
    } catch (error) {
      if (isTooLarge(error)) return await oneByOne(topic, hops);
      fail(topic, hops, error);
      return { published: [], refused: [] };
    }
  }

  /** A log may take less than others: what it refuses is found by trying. The order stays, so it ends with the first other failure. */
  async function oneByOne(topic: string, hops: readonly Hop[]): Promise<PublishResult> {
    const published: PendingEvent[] = [];
    const refused: RefusedEvent[] = [];
    for (const [nth, hop] of hops.entries()) {
      try {
        await append(topic, [hop]);
        published.push(hop.pending);
      } catch (error) {
        if (!isTooLarge(error)) {
          fail(topic, hops.slice(nth), error);
          break;
        }
        refused.push({ event: hop.pending, reason: 'too-large', error });
        endHops([hop], error);
      }
    }
    return { published, refused };
  }

  async function append(topic: string, hops: readonly Hop[]): Promise<void> {
    await within(
      answerTimeoutMs,
      log.append(
        topic,
        hops.map(({ record }) => record),
      ),
    );
    health.succeeded(topic);
    metrics.published(topic, hops.length);
    endHops(hops);
  }

  function fail(topic: string, hops: readonly Hop[], error: unknown): void {
    health.failed(topic, error);
    metrics.failed(topic);
    endHops(hops, error);
  }
}

interface Prepared {
  readonly ready: readonly Hop[];
  readonly refused: readonly RefusedEvent[];
}

/** Sorts out what no log takes: rows of an older version, or written by hand. */
function prepare(events: readonly PendingEvent[], tracer: Tracer): Prepared {
  const ready: Hop[] = [];
  const refused: RefusedEvent[] = [];
  for (const event of events) {
    try {
      ready.push(hopOf(event, tracer));
    } catch (error) {
      const reason = isTooLarge(error) ? 'too-large' : 'undecodable';
      refused.push({ event, reason, error: error instanceof Error ? error : new Error(messageOf(error)) });
    }
  }
  return { ready, refused };
}

function isTooLarge(error: unknown): error is EbbError {
  return error instanceof EbbError && error.code === 'EBB_TOO_LARGE';
}

async function within(timeoutMs: number, appended: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const overdue = systemClock.sleep(timeoutMs, done.signal).then(() => {
    throw new TimeoutError(`the log did not answer within ${timeoutMs} ms`);
  });
  try {
    await Promise.race([appended, overdue]);
  } finally {
    done.abort();
    overdue.catch(() => undefined);
  }
}
