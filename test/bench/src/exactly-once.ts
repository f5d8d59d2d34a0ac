import type { Bench } from './bench.ts';
import { buildBaseline, buildFunction } from './contenders.ts';
import { databaseOf, type BenchDatabase } from './database.ts';
import { figure, type Figure } from './figure.ts';
import { sendEvents } from './load.ts';
import { interleaved } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { ratiosOf } from './statistics.ts';

const CONCURRENCY = 16;
const ROUNDS = 7;
const EVENTS = 3_000;
const QUICK_ROUNDS = 3;
const QUICK_EVENTS = 1_000;
const WARM_UP_EVENTS = 2_000;
const MILLISECONDS_PER_SECOND = 1_000;

/** Events that take effect exactly once, one delivery each, and the same INSERT without any of that. fsync is on. */
export async function exactlyOnce(bench: Bench): Promise<readonly Figure[]> {
  const database = databaseOf(bench);
  const effectsBefore = await database.effects('stored');
  const servers = await startBoth(bench, database);
  const events = bench.quick ? QUICK_EVENTS : EVENTS;
  const rounds = bench.quick ? QUICK_ROUNDS : ROUNDS;
  try {
    for (const server of Object.values(servers)) await sendEvents(server.port, WARM_UP_EVENTS, CONCURRENCY);
    const rates = await interleaved(['bare', 'stored'], rounds, async (name) => {
      const elapsedMs = await sendEvents(servers[name].port, events, CONCURRENCY);
      return (events / elapsedMs) * MILLISECONDS_PER_SECOND;
    });
    // The first event is the one that the start waited for.
    await expectEffects(database, effectsBefore.rows + 1 + WARM_UP_EVENTS + (rounds + 1) * events);
    return [
      figure(`bare http and pg, one INSERT, concurrency ${CONCURRENCY}`, 'events/s', rates.bare),
      figure(`function, effect exactly once, concurrency ${CONCURRENCY}`, 'events/s', rates.stored, { atLeast: 6_000 }),
      figure('  over bare http and pg', '×', ratiosOf(rates.stored, rates.bare)),
    ];
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

async function startBoth({ sink, cores }: Bench, { url }: BenchDatabase) {
  const bare = await buildBaseline('http-pg', { DATABASE_URL: url });
  const stored = await buildFunction('stored', {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    DATABASE_URL: url,
  });
  return {
    bare: (await ServerProcess.start(bare, cores)).server,
    stored: (await ServerProcess.start(stored, cores)).server,
  };
}

/** A fast answer that did not do its work would be no figure at all. */
async function expectEffects(database: BenchDatabase, expected: number): Promise<void> {
  const { rows, events } = await database.effects('stored');
  if (rows !== expected || events !== expected) {
    throw new Error(`${expected} events were answered, but there are ${rows} effects of ${events} events`);
  }
}
