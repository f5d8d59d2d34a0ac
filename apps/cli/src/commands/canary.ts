import type { CanaryProgress, CanaryResult } from '@ebb/cluster';
import { durationMs, EbbError } from '@ebb/core';
import { Command } from 'commander';
import pc from 'picocolors';
import { EXIT } from '../exit.ts';
import { print, printable, printJson } from '../output.ts';
import { clusterFor, withCluster, withJaeger, type TargetOptions } from '../target/target.ts';
import { percentOf } from './rollback.ts';

interface Options extends TargetOptions {
  to: string;
  steps: string;
  every: string;
  abortOnErrors: string;
  json?: boolean;
}

const MIN_STEP_MS = 1_000;

export const canary = (): Command =>
  withJaeger(
    withCluster(
      new Command('canary').description('Give a revision more and more of the requests, and none again when it fails'),
    ),
  )
    .argument('<service>', 'the service, such as orders')
    .option('--to <revision>', 'the revision that is to take over', 'latest')
    .option('--steps <list>', 'its share in percent, step by step', '10,50,100')
    .option('--every <time>', 'how long each step is watched', '1m')
    .option('--abort-on-errors <share>', 'the share of failed requests and events that is too much', '1%')
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      `
A new revision gets no requests by itself when it was deployed with: ebb deploy --hold
Ctrl-C gives all requests back. The exit code is 1 when it was given up.

Examples:
  ebb canary orders --context kind-ebb
  ebb canary orders --to orders-00004 --steps 5,25,100 --every 5m --abort-on-errors 0.5% --context kind-ebb`,
    )
    .action(async (service: string, options: Options) => {
      const plan = planOf(options);
      const { api, namespace, jaeger, relay } = await clusterFor(options);
      const cluster = await import('@ebb/cluster');
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
      const result = await cluster.canary({
        ...plan,
        ...{ api, namespace, jaeger, relay, service },
        to: options.to,
        onProgress: options.json ? printJson : showProgress(),
        signal: interrupted.signal,
      });
      if (options.json) printJson(result);
      else printResult(service, result);
      if (result.outcome === 'aborted') process.exitCode = EXIT.failed;
    });

/** @throws EbbError EBB_USAGE */
function planOf({ steps: list, every, abortOnErrors }: Pick<Options, 'steps' | 'every' | 'abortOnErrors'>) {
  const steps = list.split(',').map((step) => percentOf('--steps', step.trim()));
  if (steps.some((step, n) => n > 0 && step <= (steps[n - 1] ?? 0)))
    throw new EbbError('EBB_USAGE', `--steps ${list}: each must be more than the one before`);
  if (steps.at(-1) !== 100) throw new EbbError('EBB_USAGE', `--steps ${list}: the last must be 100`);
  const share = /^(\d{1,3}(?:\.\d+)?)%$/.exec(abortOnErrors)?.[1];
  if (share === undefined || Number(share) > 100)
    throw new EbbError('EBB_USAGE', `--abort-on-errors ${abortOnErrors}: must be a share like 1% or 0.5%`);
  return { steps, stepMs: spanOf(every), maxErrors: Number(share) / 100 };
}

function spanOf(every: string): number {
  const refuse = (): never => {
    throw new EbbError('EBB_USAGE', `--every ${every}: must be a span of a second or more, like 30s or 5m`);
  };
  try {
    const ms = durationMs(every);
    return ms >= MIN_STEP_MS ? ms : refuse();
  } catch {
    return refuse();
  }
}

/** A line per step, and one when its figures changed. */
function showProgress(): (progress: CanaryProgress) => void {
  let last = '';
  return ({ revision, percent, figures: { requests, failed } }) => {
    const line = `${pc.cyan('›')} ${revision} ${percent} %: ${requests} requests and events, ${failed} failed`;
    if (line !== last) print(line);
    last = line;
  };
}

function printResult(service: string, result: CanaryResult): void {
  if (result.outcome === 'done') {
    print(`${pc.green('done')} ${result.revision} has all requests to ${service}`);
    if (result.figures.requests === 0)
      print(pc.yellow('  nothing was asked of it meanwhile: how it does is not known'));
    return;
  }
  print(`${pc.red('given up')} all requests to ${service} are with ${result.back} again: ${printable(result.reason)}`);
}
