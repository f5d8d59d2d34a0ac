import { randomUUID } from 'node:crypto';
import { deferred, Secret, silentLogger } from '@ebb/core';
import { migrateLog, openPostgresLog, readAll, type EventLog, type StoredRecord } from '@ebb/event-log';
import type { CloudEvent } from '@ebb/events';
import { Metrics } from '@ebb/function';
import { openDatabase, type Database } from '@ebb/postgres';
import { migrate } from '@ebb/postgres/migrate';
import { startTelemetry } from '@ebb/telemetry';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { runRelay, type RelayConfig } from './relay.ts';

export const TOPIC = 'things';
const PARTITIONS = 3;

interface RunningRelay {
  readonly ready: Promise<void>;
  readonly isReady: () => boolean;
  /** The last reason that it gave. */
  readonly whyNot: () => string;
  /** Rejects with what it refuses to start for. */
  readonly ended: Promise<void>;
  metrics(): Promise<string>;
  /** Spans that it has ended. */
  spans(): Promise<readonly ReadableSpan[]>;
  stop(): Promise<void>;
}

/** A service's schema "shop", an event log with the topic "things", and relays between them. */
export interface RelayTest {
  readonly url: string;
  readonly database: Database;
  readonly log: EventLog;
  start(config?: Partial<RelayConfig>): RunningRelay;
  /** Everything in the topic, partition by partition. */
  records(topic?: string): Promise<readonly StoredRecord[]>;
  /** Ends all relays. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** @param prepare where it all is; a fresh database by default */
export async function relayTest(
  prepare: () => Promise<Pick<TestDatabase, 'url' | 'drop'>> = testDatabase,
): Promise<RelayTest> {
  const test = await prepare();
  const { url } = test;
  await Promise.all([migrateLog(url), migrate({ url, schema: 'shop' })]);
  const log = await openPostgresLog({ url });
  await log.createTopic({ name: TOPIC, partitions: PARTITIONS, retentionMs: 86_400_000 });
  const database = openDatabase({ url: new Secret(url), schema: 'shop' });
  const relays: RunningRelay[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  };
  return {
    url,
    database,
    log,
    start: (config) => {
      const relay = startRelay(url, config);
      relays.push(relay);
      return relay;
    },
    records: (topic = TOPIC) => readAll(log, topic),
    stop,
    close: async () => {
      await stop();
      await Promise.all([database.close(), log.close()]);
      await test.drop();
    },
  };
}

function startRelay(url: string, config: Partial<RelayConfig> = {}): RunningRelay {
  const exporter = new InMemorySpanExporter();
  const telemetry = startTelemetry({ service: 'relay', exporter, logLevel: 'silent' });
  const [ready, stopping] = [deferred(), new AbortController()];
  let isReady = false;
  const metrics = new Metrics();
  let whyNot = '';
  const running = runRelay({
    config: {
      DATABASE_URL: new Secret(url),
      EVENT_LOG_URL: new Secret(url),
      OUTBOX_SCHEMAS: ['shop'],
      OUTBOX_RETENTION: 86_400_000,
      INBOX_RETENTION: 86_400_000,
      REPLAY_WINDOW: undefined,
      TOPICS: [],
      BATCH_SIZE: 10,
      ANSWER_TIMEOUT: 20_000,
      POLL_MIN: 20,
      POLL_MAX: 100,
      OPERATOR_TOKEN: undefined,
      OPERATOR_PORT: 0,
      CATALOGUE_FILE: '/none.json',
      SERVICES_URL: 'http://{service}.localhost',
      EBB_CONTROL_TOKEN: undefined,
      ...config,
    },
    // Any that is free: nobody brings dead letters here.
    listen: { port: 0, host: '127.0.0.1' },
    log: silentLogger,
    tracer: telemetry.tracer,
    metrics,
    signal: stopping.signal,
    ready: () => {
      isReady = true;
      ready.resolve();
    },
    notReady: (reason) => {
      isReady = false;
      whyNot = reason;
    },
  });
  return {
    ready: ready.promise,
    isReady: () => isReady,
    whyNot: () => whyNot,
    ended: running,
    metrics: () => metrics.text(),
    spans: async () => {
      await telemetry.flush();
      return exporter.getFinishedSpans();
    },
    stop: async () => {
      stopping.abort();
      await running.catch(() => undefined);
      await telemetry.shutdown();
    },
  };
}

export function thing(key: string, n: number, attributes: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/svc/shop',
    type: 'dev.ebb.shop.thing.sold.v1',
    subject: key,
    partitionkey: key,
    datacontenttype: 'application/json',
    data: { n },
    ...attributes,
  };
}
