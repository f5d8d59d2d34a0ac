import { resolve } from 'node:path';
import { EbbError } from '@ebb/core';
import { AlreadyRunningError, findWorkspace } from '@ebb/local/client';
import { Command } from 'commander';
import { EXIT } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { createProgress, welcome } from '../progress.ts';

interface Options {
  port?: string;
  otlp?: string;
  kafka?: string;
  file?: string[];
  watch: boolean;
  json?: boolean;
}

export const up = (): Command =>
  new Command('up')
    .description('Run everything on this machine until Ctrl-C')
    .option('--port <port>', 'the port to use, 0 for any that is free (default: 8080, or the next free one)')
    .option('--otlp <url>', 'also forward traces to this OTLP/HTTP collector, such as http://localhost:4318')
    .option('--kafka <address>', 'keep events in this Kafka (host:port), or in one that is started here (embedded)')
    .option('-f, --file <path>', 'run these Knative manifests too (repeatable)', collect)
    .option('--no-watch', 'do not reload when sources change')
    .option('--json', 'print progress as JSON, one document per line')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb up\n  ebb up --port 9000\n  ebb up --kafka embedded\n  ebb up -f manifests/',
    )
    .action(async (options: Options) => {
      const { startLocal } = await import('@ebb/local');
      const root = findWorkspace(process.cwd());
      const progress = createProgress(options.json ?? false);
      const stopping = stopSignal();
      try {
        const runtime = await startLocal({
          root,
          ...portOf(options),
          ...(options.otlp !== undefined && { forwardTracesTo: collectorUrl(options.otlp) }),
          ...(options.kafka !== undefined && { kafka: options.kafka }),
          manifests: (options.file ?? []).map((file) => resolve(file)),
          watch: options.watch,
          environment: process.env,
          onProgress: progress.show,
          signal: stopping,
        });
        progress.done();
        if (options.json) printJson({ event: 'ready', ...runtime.running, readyMs: runtime.readyMs });
        else print(welcome(runtime));
        await runtime.stopped;
      } catch (error) {
        progress.done();
        if (stopping.aborted) return;
        if (!(error instanceof AlreadyRunningError && error.runtime)) throw error;
        // Nothing is wrong: what was asked for runs. The address is what the person needs.
        print(error.message);
        process.exitCode = EXIT.failed;
      }
    });

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const MAX_PORT = 65_535;

function portOf({ port }: Options): { port?: number } {
  if (port === undefined) return {};
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > MAX_PORT) {
    throw new EbbError('EBB_USAGE', `--port ${port}: must be a whole number from 0 to ${MAX_PORT}`);
  }
  return { port: number };
}

function collectorUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new EbbError('EBB_USAGE', `--otlp ${url}: must be an http or https URL, such as http://localhost:4318`);
}

/** The first signal asks for an orderly stop; a second one does not wait for it. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.failed);
      controller.abort(new EbbError('EBB_RUNTIME', `stopped by ${name}`));
    });
  }
  return controller.signal;
}
