import type { Bench } from './bench.ts';
import { buildBaseline, buildFunction } from './contenders.ts';
import { databaseOf, type BenchDatabase } from './database.ts';
import { batchOf, SINGLE_EVENT, type EventRequest } from './event-request.ts';
import { figure, type Figure, type Goal } from './figure.ts';
import { sendEvents } from './load.ts';
import { interleaved } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { ratiosOf } from './statistics.ts';

const ROUNDS = 7;
const QUICK_ROUNDS = 3;
const QUICK_SHARE = 3;
const MILLISECONDS_PER_SECOND = 1_000;

interface Load {
  readonly request: EventRequest;
  readonly concurrency: number;
  readonly requests: number;
  readonly warmUp: number;
  readonly goal: Goal;
  readonly named: string;
}

const ONE_BY_ONE: Load = {
  request: SINGLE_EVENT,
  concurrency: 16,
  requests: 4_500,
  warmUp: 4_000,
  goal: { atLeast: 6_000 },
  named: 'one by one',
};
const BATCHED: Load = {
  request: batchOf(100),
  concurrency: 4,
  requests: 300,
  warmUp: 100,
  goal: { atLeast: 20_000 },
  named: 'in batches of 100',
};

type Service = 'stored' | 'emitting';

/** Events that take effect exactly once, and the same INSERT without any of that. fsync is on. */
export const exactlyOnce = (bench: Bench): Promise<readonly Figure[]> => measured(bench, ONE_BY_ONE);

/** As {@link exactlyOnce}, many events in a request; what they are beside has one INSERT per request. */
export const batched = (bench: Bench): Promise<readonly Figure[]> => measured(bench, BATCHED);

async function measured(bench: Bench, load: Load): Promise<readonly Figure[]> {
  const database = databaseOf(bench);
  const servers = await start(bench, database);
  const requests = bench.quick ? load.requests / QUICK_SHARE : load.requests;
  const send = async (name: keyof typeof servers, count: number): Promise<number> => {
    const request = name === 'bare' ? SINGLE_EVENT : load.request;
    const send = () => sendEvents(servers[name].port, count, load.concurrency, { request });
    const elapsedMs =
      name === 'bare' ? await send() : await expectEffects(database, name, count * request.events, send);
    return ((count * request.events) / elapsedMs) * MILLISECONDS_PER_SECOND;
  };
  try {
    for (const name of ['bare', 'stored', 'emitting'] as const) await send(name, load.warmUp);
    const rates = await interleaved(['bare', 'stored', 'emitting'], bench.quick ? QUICK_ROUNDS : ROUNDS, (name) =>
      send(name, requests),
    );
    return [
      figure(`bare http and pg, one INSERT, concurrency ${load.concurrency}`, 'requests/s', rates.bare),
      figure(`function that emits an event, ${load.named}`, 'events/s', rates.emitting, load.goal),
      figure('  over bare http and pg', '×', ratiosOf(rates.emitting, rates.bare)),
      figure(`function that writes a row, ${load.named}`, 'events/s', rates.stored, load.goal),
      figure('  over bare http and pg', '×', ratiosOf(rates.stored, rates.bare)),
    ];
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

async function start({ sink, cores }: Bench, { url }: BenchDatabase) {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, DATABASE_URL: url };
  const contenders = {
    bare: await buildBaseline('http-pg', { DATABASE_URL: url }),
    stored: await buildFunction('stored', env),
    emitting: await buildFunction('emitting', env),
  };
  return {
    bare: (await ServerProcess.start(contenders.bare, cores)).server,
    stored: (await ServerProcess.start(contenders.stored, cores)).server,
    emitting: (await ServerProcess.start(contenders.emitting, cores)).server,
  };
}

/** A fast answer that did not do its work would be no figure at all. */
async function expectEffects<T>(
  database: BenchDatabase,
  service: Service,
  expected: number,
  run: () => Promise<T>,
): Promise<T> {
  const before = await database.effects(service);
  const result = await run();
  const { rows, events } = await database.effects(service);
  if (rows - before.rows !== expected || events !== rows) {
    throw new Error(`${expected} events were answered, but there are ${rows - before.rows} effects more, of ${events}`);
  }
  return result;
}
