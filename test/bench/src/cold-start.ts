import type { Bench } from './bench.ts';
import { buildBaseline, buildFunction, type Contender } from './contenders.ts';
import { databaseOf } from './database.ts';
import { figure, type Figure } from './figure.ts';
import { interleaved } from './rounds.ts';
import { ServerProcess } from './server-process.ts';
import { ratiosOf } from './statistics.ts';

const ROUNDS = 21;
const QUICK_ROUNDS = 7;

type Name = 'bare' | 'plain' | 'barePg' | 'stored';

/** From spawn to the first 204. Everything is one file; the functions have V8's code cache, and tracing is on. */
export async function coldStart(bench: Bench): Promise<readonly Figure[]> {
  const contenders = await findContenders(bench);
  const names: readonly Name[] = ['bare', 'plain', 'barePg', 'stored'];
  const exportsBefore = bench.sink.exports();
  const runs = await interleaved(names, bench.quick ? QUICK_ROUNDS : ROUNDS, (name) =>
    startOnce(contenders[name], bench),
  );
  if (bench.sink.exports() === exportsBefore) throw new Error('no span came: tracing was not on');
  const times = (name: Name) => runs[name].map(({ coldStartMs }) => coldStartMs);
  const memory = (name: Name) => runs[name].flatMap(({ memoryMb }) => memoryMb ?? []);
  const overBare = (name: Name) => ratiosOf(times(name), times('bare'));
  return [
    figure('bare http', 'ms', times('bare')),
    figure('function', 'ms', times('plain')),
    figure('  over bare http', '×', overBare('plain'), { atMost: 1.5, accepted: 2 }),
    figure('bare http and pg, one INSERT', 'ms', times('barePg')),
    figure('function with a database write', 'ms', times('stored')),
    figure('  over bare http', '×', overBare('stored'), { atMost: 2.2, accepted: 2.5 }),
    figure('  over bare http and pg', '×', ratiosOf(times('stored'), times('barePg'))),
    ...memoryFigures(memory),
  ];
}

function memoryFigures(memory: (name: Name) => readonly number[]): readonly Figure[] {
  if (memory('bare').length === 0) return [];
  return [
    figure('memory of bare http', 'MB', memory('bare')),
    figure('memory of the function', 'MB', memory('plain'), { atMost: 50 }),
    figure('memory of bare http and pg', 'MB', memory('barePg')),
    figure('memory of the function with a database write', 'MB', memory('stored'), { atMost: 58 }),
  ];
}

async function findContenders(bench: Bench): Promise<Readonly<Record<Name, Contender>>> {
  const { url } = databaseOf(bench);
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: bench.sink.endpoint };
  return {
    bare: await buildBaseline('http'),
    plain: await buildFunction('plain', tracing),
    barePg: await buildBaseline('http-pg', { DATABASE_URL: url }),
    stored: await buildFunction('stored', { ...tracing, DATABASE_URL: url }),
  };
}

async function startOnce(
  contender: Contender,
  { cores }: Bench,
): Promise<{ coldStartMs: number; memoryMb: number | undefined }> {
  const { server, coldStartMs } = await ServerProcess.start(contender, cores);
  const memoryMb = server.memoryMb();
  await server.stop();
  return { coldStartMs, memoryMb };
}
