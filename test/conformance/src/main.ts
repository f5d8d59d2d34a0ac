import { EbbError, loadConfig, messageOf } from '@ebb/core';
import { defineWorker, serve } from '@ebb/function';
import { USAGE, withOptions } from './target/options.ts';
import { runConformance } from './target/run.ts';
import { SETTINGS } from './target/settings.ts';

const EXIT_USAGE = 2;
const args = process.argv.slice(2);

async function main(): Promise<number> {
  const config = loadConfig(SETTINGS, withOptions(args, process.env));
  const verdicts = await runConformance(config, (line) => process.stdout.write(`${line}\n`));
  return verdicts.every(({ passed }) => passed) ? 0 : 1;
}

function failed(error: unknown): number {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  const isUsage = error instanceof EbbError && ['EBB_USAGE', 'EBB_CONFIG'].includes(error.code);
  return isUsage ? EXIT_USAGE : 1;
}

if (args.includes('--help')) {
  process.stdout.write(USAGE);
} else if (args.includes('--describe')) {
  // Its image is built as those of workers are, which are asked what they are.
  serve(defineWorker('conformance', { settings: SETTINGS, run: () => main().then(() => undefined) }));
} else {
  void main()
    .catch(failed)
    .then((code) => {
      process.exitCode = code;
    });
}
