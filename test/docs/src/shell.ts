import { spawn, spawnSync, type ChildProcess } from 'node:child_process';

export interface ShellResult {
  readonly code: number | null;
  readonly output: string;
}

/** A command that runs on, in a terminal of its own. */
export interface Terminal {
  output(): string;
  close(): Promise<void>;
}

/** Whether this machine has the programs that the documents' commands are typed into. */
export const HAS_SHELL = ['bash', 'curl'].every((program) => spawnSync(program, ['--version']).status === 0);

const DEADLINE_MS = 120_000;

/** Runs a script as a person's shell does; it ends at the first command that fails. */
export function runShell(script: string, cwd: string): Promise<ShellResult> {
  return new Promise((resolve, reject) => {
    const child = start(script, cwd);
    let output = '';
    const timer = setTimeout(() => endGroup(child), DEADLINE_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    }
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

export function openTerminal(script: string, cwd: string): Terminal {
  const child = start(script, cwd);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  return {
    output: () => output,
    close: () => {
      endGroup(child);
      return closed;
    },
  };
}

function start(script: string, cwd: string): ChildProcess {
  return spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    // A group of its own: npx starts further processes.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', npm_config_update_notifier: 'false', npm_config_loglevel: 'error' },
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
