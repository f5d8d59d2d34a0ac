import type { Bench } from './bench.ts';
import { BareStatement } from './bare-statement.ts';
import { buildBaseline, buildFunction } from './contenders.ts';
import { databaseOf, type BenchDatabase } from './database.ts';
import { batchOf, SINGLE_EVENT, type EventRequest } from './event-request.ts';
import { figure, type Figure, type Goal } from './figure.ts';
import { sendEvents } from './load.ts';
import { ownProcessorMs } from './processor-time.ts';
import { interleaved } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { ratiosOf } from './statistics.ts';

const ROUNDS = 7;
const QUICK_ROUNDS = 3;
const QUICK_SHARE = 3;
const MILLISECONDS_PER_SECOND = 1_000;
const MICROSECONDS_PER_MILLISECOND = 1_000;

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

/** How one round went. Processor time is per event, in microseconds: what the neighbours on the machine do, does not count. */
interface Round {
  readonly rate: number;
  readonly server: number | undefined;
  readonly postgres: number | undefined;
  readonly load: number;
}

type Name = 'bare' | 'statement' | Service;
const NAMES: readonly Name[] = ['bare', 'statement', 'stored', 'emitting'];

async function measured(bench: Bench, load: Load): Promise<readonly Figure[]> {
  const database = databaseOf(bench);
  const servers = await start(bench, database);
  const statement = await BareStatement.open(database.url, load.concurrency);
  const requests = bench.quick ? load.requests / QUICK_SHARE : load.requests;
  const send = async (name: Name, count: number): Promise<Round> => {
    const request = name === 'bare' ? SINGLE_EVENT : load.request;
    const events = count * request.events;
    if (name === 'statement')
      return timed(undefined, database, events, () => statement.send(count, load.request.events));
    const sendAll = () =>
      timed(servers[name], database, events, () =>
        sendEvents(servers[name].port, count, load.concurrency, { request }),
      );
    return name === 'bare' ? sendAll() : expectEffects(database, name, events, sendAll);
  };
  try {
    for (const name of NAMES) await send(name, load.warmUp);
    const rounds = await interleaved(NAMES, bench.quick ? QUICK_ROUNDS : ROUNDS, (name) => send(name, requests));
    return [
      figure(`bare http and pg, one INSERT, concurrency ${load.concurrency}`, 'requests/s', ratesOf(rounds.bare)),
      ...processorFigures(rounds.bare),
      figure(`the statement alone, without a function, ${load.named}`, 'events/s', ratesOf(rounds.statement)),
      ...processorFigures(rounds.statement),
      ...figuresOf(`function that emits an event, ${load.named}`, rounds.emitting, rounds.bare, load.goal),
      ...figuresOf(`function that writes a row, ${load.named}`, rounds.stored, rounds.bare, load.goal),
    ];
  } finally {
    await Promise.all([statement.close(), ...Object.values(servers).map((server) => server.stop())]);
  }
}

const ratesOf = (rounds: readonly Round[]): readonly number[] => rounds.map(({ rate }) => rate);

function figuresOf(what: string, rounds: readonly Round[], bare: readonly Round[], goal: Goal): readonly Figure[] {
  return [
    figure(what, 'events/s', ratesOf(rounds), goal),
    figure('  over bare http and pg', '×', ratiosOf(ratesOf(rounds), ratesOf(bare))),
    ...processorFigures(rounds),
  ];
}

/** Who was at work: the most that two cores can do is two seconds' worth of all of it. */
function processorFigures(rounds: readonly Round[]): readonly Figure[] {
  const parts = { server: 'the server', postgres: 'PostgreSQL', load: 'the load' } as const;
  return (['server', 'postgres', 'load'] as const).flatMap((part) => {
    const times = rounds.flatMap((round) => round[part] ?? []);
    return times.length === 0 ? [] : [figure(`  processor time of ${parts[part]}`, 'µs', times)];
  });
}

async function timed(
  server: ServerProcess | undefined,
  database: BenchDatabase,
  events: number,
  run: () => Promise<number>,
): Promise<Round> {
  const before = [server?.processorMs(), database.processorMs(), ownProcessorMs()] as const;
  const elapsedMs = await run();
  const after = [server?.processorMs(), database.processorMs(), ownProcessorMs()] as const;
  const each = (part: 0 | 1 | 2): number | undefined => {
    const [from, to] = [before[part], after[part]];
    return from === undefined || to === undefined ? undefined : ((to - from) / events) * MICROSECONDS_PER_MILLISECOND;
  };
  return {
    rate: (events / elapsedMs) * MILLISECONDS_PER_SECOND,
    server: each(0),
    postgres: each(1),
    load: each(2) ?? NaN,
  };
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
