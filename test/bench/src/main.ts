import type { Bench } from './bench.ts';
import { coldStart } from './cold-start.ts';
import { openDatabase } from './database.ts';
import { batched, exactlyOnce } from './exactly-once.ts';
import type { Figure } from './figure.ts';
import { gateway } from './gateway.ts';
import { findCores, loadNow, machineLine, pin } from './machine.ts';
import { parseOptions, USAGE, type BenchOptions } from './options.ts';
import { orders } from './orders.ts';
import { openSink } from './otlp-sink.ts';
import { perEvent } from './per-event.ts';
import { relay } from './relay.ts';
import { textOf, type SuiteReport } from './report.ts';

interface Suite {
  readonly title: string;
  /** Keeps what loads the server off the server's core. Not where many processes are measured together. */
  readonly isPinned: boolean;
  readonly needsDatabase: boolean;
  readonly run: (bench: Bench) => Promise<readonly Figure[]>;
}

const SUITES: Readonly<Record<string, Suite>> = {
  'cold-start': {
    title: 'Cold start: from spawn to the first 204, tracing on',
    isPinned: true,
    needsDatabase: true,
    run: coldStart,
  },
  'per-event': {
    title: 'Per event, without a database, tracing on',
    isPinned: true,
    needsDatabase: false,
    run: perEvent,
  },
  'exactly-once': {
    title: 'Exactly-once effects in PostgreSQL, fsync on',
    isPinned: false,
    needsDatabase: true,
    run: exactlyOnce,
  },
  batched: {
    title: 'Exactly-once effects in PostgreSQL, in batches, fsync on',
    isPinned: false,
    needsDatabase: true,
    run: batched,
  },
  gateway: {
    title: 'The gateway, before a server that answers at once, tracing on',
    isPinned: true,
    needsDatabase: false,
    run: gateway,
  },
  relay: {
    title: 'From the outbox to the log',
    isPinned: false,
    needsDatabase: true,
    run: relay,
  },
  orders: { title: 'The whole of it', isPinned: false, needsDatabase: false, run: orders },
};

async function run({ suites, quick }: BenchOptions): Promise<readonly SuiteReport[]> {
  const wanted = Object.entries(SUITES).filter(([name]) => suites.includes(name));
  const cores = findCores();
  const sink = await openSink();
  // Before anything is pinned: PostgreSQL's processes would stay on one core with us.
  const database = wanted.some(([, { needsDatabase }]) => needsDatabase) ? await openDatabase() : undefined;
  const reports: SuiteReport[] = [];
  try {
    for (const [name, { title, isPinned, run }] of wanted) {
      process.stderr.write(`${name} …\n`);
      if (cores) pin(process.pid, isPinned ? cores.load : cores.all);
      const bench: Bench = { quick, sink, cores: isPinned ? cores : undefined, database };
      reports.push({ name, title, figures: await run(bench) });
    }
    return reports;
  } finally {
    sink.close();
    await database?.stop();
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), Object.keys(SUITES));
  const loadBefore = loadNow();
  const suites = await run(options);
  const machine = `${machineLine()}, load ${loadBefore} before, ${loadNow()} after`;
  const report = { machine, quick: options.quick, suites };
  process.stdout.write(`${options.json ? JSON.stringify(report) : textOf(report)}\n`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof TypeError && error.message.includes('suite');
  process.stderr.write(
    `${isUsage ? `${error.message}\n\n${USAGE}` : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = isUsage ? 2 : 1;
});
