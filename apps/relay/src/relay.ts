import { setMaxListeners } from 'node:events';

import { shortDuration, type Logger } from '@ebb/core';
import type { EventLog, TopicInfo } from '@ebb/event-log';
import type { WorkerContext } from '@ebb/function';
import { listen, OUTBOX_CHANNEL } from '@ebb/postgres';
import { assertRetention, topicsBeyond } from './assert-retention.ts';
import { serveDeadLetters } from './dead-letter/serve-dead-letters.ts';
import { Hearing } from './hearing.ts';
import { keepHouse } from './housekeeping.ts';
import { sortOutMissingTopics } from './missing-topics.ts';
import { openLog } from './open-log.ts';
import { OutboxLoop } from './outbox-loop.ts';
import { serveOperators } from './operator/serve-operators.ts';
import { openPools, type Pools } from './pools.ts';
import { publisherTo } from './publisher.ts';
import { Readiness } from './readiness.ts';
import { measureBacklogs, RelayMetrics } from './relay-metrics.ts';
import { repeat } from './repeat.ts';
import type { RELAY_SETTINGS } from './settings.ts';
import { TopicHealth } from './topic-health.ts';

/** What the relay runs with; its needs are those of its definition. */
export type RelayContext = WorkerContext<typeof RELAY_SETTINGS, RelayNeeds>;
export type RelayConfig = RelayContext['config'];

interface RelayNeeds {
  readonly listens: { readonly public: false };
  readonly catalogue: true;
  readonly services: true;
}

const HOUSEKEEPING_MS = 60_000;
const MISSING_TOPICS_MS = 10_000;
const HEARING_MS = 30_000;
/** What an idle outbox waits at the most while notifications do not come through. */
const DEAF_POLL_MS = 200;

/**
 * Works on all outboxes until the signal is aborted. What is away for a while (PostgreSQL, the log) is waited for.
 * @throws EbbError EBB_CONFIG when deliveries are forgotten while their events can still come again
 */
export async function runRelay(context: RelayContext): Promise<void> {
  const { config, log: logger, signal } = context;
  // Each outbox and each part waits for it: as many listeners as there are services are no leak.
  setMaxListeners(0, signal);
  const readiness = new Readiness(context, ['log', ...config.OUTBOX_SCHEMAS.map(partOf)]);
  const opened = await openLog({
    url: config.EVENT_LOG_URL,
    topics: config.TOPICS,
    logger,
    signal,
    onAway: (error) => readiness.fail('log', error),
  });
  if (!opened) return;
  const { log: eventLog, topics } = opened;
  const pools = openPools(config.DATABASE_URL, config.ANSWER_TIMEOUT);
  try {
    checkRetention(topics, config, logger);
    readiness.succeed('log');
    await new Relay(context, { pools, eventLog, readiness }).run();
  } finally {
    await pools.end();
    await eventLog.close();
  }
}

/** @throws EbbError EBB_CONFIG */
function checkRetention(topics: readonly TopicInfo[], config: RelayConfig, logger: Logger): void {
  const { INBOX_RETENTION: inboxMs, OUTBOX_RETENTION: outboxMs, REPLAY_WINDOW: replayMs } = config;
  assertRetention(topics, { inboxMs, outboxMs, ...(replayMs !== undefined && { replayMs }) });
  const beyond = topicsBeyond(topics, inboxMs);
  if (replayMs === undefined || beyond.length === 0) return;
  logger.warn(
    { topics: beyond },
    `${beyond.join(', ')}: events older than ${shortDuration(replayMs)} are kept, but must not be read again (REPLAY_WINDOW): they would take effect twice`,
  );
}

interface Parts {
  readonly pools: Pools;
  readonly eventLog: EventLog;
  readonly readiness: Readiness;
}

/** What works side by side on the outboxes. */
class Relay {
  readonly #context: RelayContext;
  readonly #parts: Parts;
  readonly #health: TopicHealth;
  readonly #metrics: RelayMetrics;
  readonly #hearing: Hearing;
  readonly #loops: readonly OutboxLoop[];

  constructor(context: RelayContext, parts: Parts) {
    const { log: logger, config } = context;
    const { pools, readiness } = parts;
    this.#context = context;
    this.#parts = parts;
    this.#health = new TopicHealth(logger, {
      onChange: (outage) => (outage === undefined ? readiness.succeed('log') : readiness.fail('log', outage)),
    });
    this.#metrics = new RelayMetrics(context.metrics);
    measureBacklogs(context.metrics, pools.statements, config.OUTBOX_SCHEMAS);
    const notify = (payload: string) => pools.statements.query('SELECT pg_notify($1, $2)', [OUTBOX_CHANNEL, payload]);
    this.#hearing = new Hearing({ notify, logger, onResult: (isDeaf) => this.#metrics.deaf(isDeaf) });
    this.#loops = config.OUTBOX_SCHEMAS.map((schema) => this.#loopOf(schema));
  }

  /** Never rejects, so that nothing is left running. */
  async run(): Promise<void> {
    const { config, listen, log: logger, tracer, metrics, signal } = this.#context;
    const { OUTBOX_SCHEMAS: schemas, OUTBOX_RETENTION: outboxRetentionMs, INBOX_RETENTION: parkedRetentionMs } = config;
    const { pools, eventLog: log } = this.#parts;
    const pool = pools.statements;
    const health = this.#health;
    const every = (everyMs: number, what: string) => ({ everyMs, what, logger, signal });
    await Promise.all([
      ...this.#loops.map((loop) => loop.run()),
      this.#listen(),
      serveOperators({ config, eventLog: log, log: logger, signal }),
      serveDeadLetters({ config, listen, log: logger, tracer, metrics, signal }),
      repeat(every(HEARING_MS, 'the test of notifications'), () => this.#hearing.test(signal)),
      repeat(every(HOUSEKEEPING_MS, 'housekeeping'), () =>
        keepHouse({ pool, schemas, outboxRetentionMs, parkedRetentionMs, logger }),
      ),
      repeat(every(MISSING_TOPICS_MS, 'the look for topics'), () =>
        sortOutMissingTopics({ pool, schemas, log, health, logger }),
      ),
    ]);
  }

  #loopOf(schema: string): OutboxLoop {
    const { config, log: logger, tracer, signal } = this.#context;
    const { pools, eventLog, readiness } = this.#parts;
    const [health, metrics, part] = [this.#health, this.#metrics, partOf(schema)];
    return new OutboxLoop({
      pool: pools.statements,
      lanes: pools.lanes,
      schema,
      publish: publisherTo({ log: eventLog, tracer, health, metrics, answerTimeoutMs: config.ANSWER_TIMEOUT }),
      health,
      metrics,
      logger,
      signal,
      batchSize: config.BATCH_SIZE,
      pollMinMs: config.POLL_MIN,
      pollMaxMs: () => (this.#hearing.isDeaf ? Math.min(config.POLL_MAX, DEAF_POLL_MS) : config.POLL_MAX),
      onReached: () => readiness.succeed(part),
      onAway: (error) => readiness.fail(part, error),
    });
  }

  #listen(): Promise<void> {
    const { config, signal } = this.#context;
    return listen({
      url: config.DATABASE_URL.reveal(),
      channel: OUTBOX_CHANNEL,
      onNotification: (payload) => {
        if (!this.#hearing.heard(payload)) this.#loops.find(({ schema }) => schema === payload)?.wake();
      },
      onListening: () => {
        // What was said before is lost.
        for (const loop of this.#loops) loop.wake();
        void this.#hearing.test(signal);
      },
      signal,
    });
  }
}

const partOf = (schema: string): string => `outbox of "${schema}"`;
