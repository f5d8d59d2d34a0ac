import { spawn } from 'node:child_process';
import { EbbError, messageOf } from '@ebb/core';

/** What `helm upgrade` is told. */
export interface Upgrade {
  readonly release: string;
  readonly chart: string;
  readonly context: string;
  readonly namespace: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly timeout: string;
  readonly dryRun: boolean;
}

const OLDEST = 3;
const INSTALL = 'Install Helm 3 or 4: https://helm.sh/docs/intro/install';

/** The version of the helm that is there. @throws EbbError EBB_USAGE with what to do when there is none, or it is too old */
export async function helmVersion(): Promise<string> {
  const { code, output } = await run(['version', '--short']);
  const [version = '', major] = /v(\d+)\.\d+\.\d+/.exec(output) ?? [];
  if (code === 0 && Number(major) >= OLDEST) return version;
  const shown = output.trim().split('\n')[0] ?? '';
  throw new EbbError('EBB_USAGE', `the helm on the PATH is not one to deploy with ("${shown}"). ${INSTALL}`);
}

function argumentsOf({ release, chart, context, namespace, values, set, timeout, dryRun }: Upgrade): string[] {
  return [
    ...['upgrade', '--install', release, chart],
    ...['--kube-context', context, '--namespace', namespace, '--create-namespace'],
    ...values.flatMap((file) => ['--values', file]),
    ...set.flatMap((assignment) => ['--set', assignment]),
    // With the cluster's own kinds: the chart looks for what has to be installed there.
    ...(dryRun ? ['--dry-run=server'] : ['--wait', '--timeout', timeout]),
  ];
}

/** @throws EbbError EBB_RUNTIME with what helm said */
export async function upgrade(options: Upgrade): Promise<string> {
  const { code, output } = await run(argumentsOf(options));
  if (code === 0) return output;
  throw new EbbError('EBB_RUNTIME', `helm did not install the chart:\n${output.trim()}`);
}

function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('helm', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const add = (chunk: Buffer): void => void (output += chunk.toString('utf8'));
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.on('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no helm on the PATH' : messageOf(error);
      reject(new EbbError('EBB_USAGE', `${why}. ${INSTALL}`, { cause: error }));
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}
