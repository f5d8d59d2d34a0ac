import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService } from '@ebb/build';
import { silentLogger } from '@ebb/core';
import { migrateLog } from '@ebb/event-log';
import { ensureJars, findJava, kafkaSources, openEventLog, startKafka } from '@ebb/kafka';
import { migrate } from '@ebb/postgres/migrate';
import pg from 'pg';
import type { Bench } from './bench.ts';
import { databaseOf } from './database.ts';
import { figure, type Figure } from './figure.ts';
import { interleaved } from './rounds.ts';
import { ratiosOf } from './statistics.ts';
import { WORKSPACE } from './workspace.ts';

const SCHEMA = 'relayed';
const TOPIC = 'relayed';
const PARTITIONS = 10;
const DAY_MS = 86_400_000;
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const EVENTS = 10_000;
const QUICK_EVENTS = 3_000;
/** As the relay's own. */
const BATCH = 200;
const LOOK_MS = 10;
const DRAIN_WITHIN_MS = 120_000;
const MILLISECONDS_PER_SECOND = 1_000;

/** How fast the relay empties an outbox into the log, beside PostgreSQL taking the same rows once more, in as large batches. */
export async function relay(bench: Bench): Promise<readonly Figure[]> {
  const { url } = databaseOf(bench);
  await Promise.all([migrate({ url, schema: SCHEMA }), migrateLog(url)]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS bare.relayed AS SELECT topic, event FROM ${SCHEMA}.outbox LIMIT 0`);
    const toPostgres = await measured(bench, { client, log: url });
    const kafka = await kafkaHere();
    if (!kafka) return toPostgres.figures('PostgreSQL');
    try {
      const toKafka = await measured(bench, { client, log: kafka.url });
      return [...toPostgres.figures('PostgreSQL'), ...toKafka.figures('Kafka')];
    } finally {
      await kafka.stop();
    }
  } finally {
    await client.end();
  }
}

interface Way {
  readonly client: pg.Client;
  /** The log's address. */
  readonly log: string;
}

async function measured(bench: Bench, { client, log }: Way): Promise<{ figures: (log: string) => readonly Figure[] }> {
  const { url } = databaseOf(bench);
  await createTopic(log);
  const process = await startRelay({
    DATABASE_URL: url,
    EVENT_LOG_URL: log,
    OUTBOX_SCHEMAS: SCHEMA,
    LISTEN_PORT: '0',
    CATALOGUE_FILE: '/none.json',
    SERVICES_URL: 'http://{service}.localhost',
    OTEL_EXPORTER_OTLP_ENDPOINT: bench.sink.endpoint,
  });
  const [rounds, events] = bench.quick ? [QUICK_ROUNDS, QUICK_EVENTS] : [ROUNDS, EVENTS];
  const ways = { bare: () => copy(client, events), relay: () => drain(client, events) };
  try {
    const rates = await interleaved(['bare', 'relay'], rounds, async (name) => {
      const startedAt = performance.now();
      await ways[name]();
      return (events / (performance.now() - startedAt)) * MILLISECONDS_PER_SECOND;
    });
    return {
      figures: (name) => [
        figure(`bare INSERT of ${BATCH} rows, one after the other, beside ${name}`, 'rows/s', rates.bare),
        figure(`one relay, one outbox, into ${name}`, 'events/s', rates.relay),
        figure('  over the bare INSERT', '×', ratiosOf(rates.relay, rates.bare)),
      ],
    };
  } finally {
    await stop(process);
  }
}

/** An event of about 700 bytes, as orders have them. */
const EVENT = `json_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', '/svc/bench', 'type', 'dev.ebb.bench.relayed.v1',
  'subject', 'key-' || n % 500, 'partitionkey', 'key-' || n % 500, 'time', now(), 'datacontenttype', 'application/json',
  'traceparent', '00-' || md5(n::text) || '-' || left(md5(n::text), 16) || '-01', 'data', json_build_object('n', n, 'text', repeat('x', 300)))`;

/** Everything is committed at once; from then on it is the relay's turn. */
async function drain(client: pg.Client, events: number): Promise<void> {
  await client.query(
    `INSERT INTO ${SCHEMA}.outbox (shard, partition_key, topic, event)
     SELECT n % 8, 'key-' || n % 500, $2, ${EVENT} FROM generate_series(1, $1::int) n`,
    [events, TOPIC],
  );
  const deadline = performance.now() + DRAIN_WITHIN_MS;
  while (await isPending(client)) {
    if (performance.now() > deadline) throw new Error(`the relay did not publish ${events} events in time`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function isPending(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pending: boolean }>(
    `SELECT EXISTS (SELECT FROM ${SCHEMA}.outbox WHERE published_at IS NULL) AS pending`,
  );
  return rows[0]?.pending ?? true;
}

async function copy(client: pg.Client, events: number): Promise<void> {
  const text = `INSERT INTO bare.relayed (topic, event) SELECT $1, ${EVENT} FROM generate_series(1, $2::int) n`;
  for (let done = 0; done < events; done += BATCH) await client.query({ name: 'copy', text, values: [TOPIC, BATCH] });
}

async function createTopic(log: string): Promise<void> {
  const opened = await openEventLog({ url: log, logger: silentLogger });
  try {
    await opened.createTopic({ name: TOPIC, partitions: PARTITIONS, retentionMs: DAY_MS });
  } finally {
    await opened.close();
  }
}

async function startRelay(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const outdir = join(WORKSPACE, 'tmp/bench/relay');
  const { main } = await buildService({ root: WORKSPACE, app: 'apps/relay', outdir, codeCache: true });
  return spawn(process.execPath, [main], {
    env: { ...env, PORT: '0', HOST: '127.0.0.1', K_SERVICE: 'relay', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** Undefined where there is no Java, or where the jars cannot be had. */
async function kafkaHere() {
  const directory = mkdtempSync(join(tmpdir(), 'ebb-bench-kafka-'));
  try {
    const { cache, javaHome, repository } = kafkaSources(process.env);
    const java = await findJava(javaHome);
    const jars = await ensureJars({ cache, repository });
    const kafka = await startKafka({ directory, jars, java });
    const stop = async (): Promise<void> => {
      await kafka.stop();
      rmSync(directory, { recursive: true, force: true });
    };
    return { url: kafka.url, stop };
  } catch (error) {
    process.stderr.write(`without Kafka: ${error instanceof Error ? error.message : String(error)}\n`);
    rmSync(directory, { recursive: true, force: true });
    return undefined;
  }
}
