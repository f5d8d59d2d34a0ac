import { randomInt } from 'node:crypto';
import { parseOptions, UsageError, USAGE, type ChaosOptions } from './options.ts';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { runPlan, type RunOptions } from './run.ts';
import { VICTIMS } from './strikes.ts';
import { Target } from './target.ts';
import { chaosWorkspace } from './workspace.ts';

type Interruption = Pick<RunOptions, 'enough' | 'signal'> & { readonly signal: AbortSignal };

const MAX_SEED = 4_294_967_295;
const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1_000;
const REST_WITHIN_MS = 300_000;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), () => randomInt(MAX_SEED));
  if (!options) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  return await chaos(options, listen());
}

/** The first signal means: enough, judge what was sent. The second: end at once. */
function listen(): Interruption {
  const enough = new AbortController();
  const interrupted = new AbortController();
  const hear = (): void => {
    if (enough.signal.aborted) interrupted.abort();
    else say('nothing more is begun; what was sent is judged once it is at rest (once more: end at once)');
    enough.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear);
  return { enough: enough.signal, signal: interrupted.signal };
}

async function chaos(options: ChaosOptions, interruption: Interruption): Promise<number> {
  const { seed, events, clients, strikeEvery, outageSeconds, log, minutes } = options;
  const victims = VICTIMS.filter((victim) => victim !== 'kafka' || log === 'kafka');
  const plan = planOf({ seed, events, clients, victims, strikeEvery, outageMs: outageSeconds * MS_PER_SECOND });
  say(`seed ${seed}: ${events} events by ${clients} clients, ${plan.strikes.length} strikes, log: ${log}`);
  const workspace = chaosWorkspace(plan);
  const target = await Target.start({ workspace, args: log === 'kafka' ? ['--kafka', 'embedded'] : [] });
  try {
    const forMs = minutes * MS_PER_MINUTE;
    const result = await runPlan({
      plan,
      target,
      forMs,
      restWithinMs: REST_WITHIN_MS,
      ...interruption,
      onProgress: say,
    });
    if (interruption.signal.aborted) {
      say('ended before there was anything to judge');
      return 1;
    }
    process.stdout.write(`${reportOf(result)}\n`);
    return result.findings.length > 0 ? 1 : 0;
  } finally {
    await target.close();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(
      `${isUsage ? `${error.message}\n\n${USAGE}` : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = isUsage ? 2 : 1;
  },
);
