import type { Bench } from './bench.ts';
import { buildBaseline, buildFunction } from './contenders.ts';
import { figure, type Figure } from './figure.ts';
import { sendEvents } from './load.ts';
import { interleaved } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { differencesOf } from './statistics.ts';

const CONCURRENCY = [1, 16, 64];
const ROUNDS = 9;
const EVENTS = 5_000;
const QUICK_ROUNDS = 3;
const QUICK_EVENTS = 2_000;
const WARM_UP_EVENTS = 10_000;
const MICROSECONDS = 1_000;

type Name = 'bare' | 'plain';

/** One event's cost in microseconds. */
interface Cost {
  readonly elapsed: number;
  /** Processor time of the server: what the neighbours on the machine do, does not count. */
  readonly processor: number | undefined;
}

/** What a function without a database costs per event above a bare server, with tracing on. */
export async function perEvent(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startBoth(bench);
  try {
    for (const server of Object.values(servers)) await sendEvents(server.port, WARM_UP_EVENTS, 16);
    const figures: Figure[] = [];
    for (const concurrency of CONCURRENCY) {
      const costs = await interleaved(['bare', 'plain'], bench.quick ? QUICK_ROUNDS : ROUNDS, (name) =>
        costOf(servers[name], bench.quick ? QUICK_EVENTS : EVENTS, concurrency, bench.cores !== undefined),
      );
      figures.push(...figuresOf(costs, concurrency));
    }
    return figures;
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

async function startBoth({ sink, cores }: Bench): Promise<Readonly<Record<Name, ServerProcess>>> {
  const bare = await buildBaseline('http');
  const plain = await buildFunction('plain', { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
  return {
    bare: (await ServerProcess.start(bare, cores)).server,
    plain: (await ServerProcess.start(plain, cores)).server,
  };
}

async function costOf(server: ServerProcess, events: number, concurrency: number, isAwake: boolean): Promise<Cost> {
  const before = server.processorMs();
  const elapsedMs = await sendEvents(server.port, events, concurrency, { isAwake });
  const after = server.processorMs();
  return {
    elapsed: (elapsedMs / events) * MICROSECONDS,
    processor: before === undefined || after === undefined ? undefined : ((after - before) / events) * MICROSECONDS,
  };
}

function figuresOf(costs: Readonly<Record<Name, readonly Cost[]>>, concurrency: number): readonly Figure[] {
  const elapsed = (name: Name) => costs[name].map((cost) => cost.elapsed);
  const processor = (name: Name) => costs[name].flatMap((cost) => cost.processor ?? []);
  const of = `at concurrency ${concurrency}`;
  const goal = { atMost: 25 };
  const isKnown = processor('bare').length > 0;
  return [
    figure(`bare http ${of}`, 'µs', elapsed('bare')),
    figure(`function ${of}`, 'µs', elapsed('plain')),
    figure('  more, by the clock', 'µs', differencesOf(elapsed('plain'), elapsed('bare')), isKnown ? undefined : goal),
    ...(isKnown
      ? [figure('  more, processor time', 'µs', differencesOf(processor('plain'), processor('bare')), goal)]
      : []),
  ];
}
