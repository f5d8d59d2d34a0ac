import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EbbError } from '@ebb/core';
import type { Handled } from '../host.ts';
import { bundleOf } from './bundle.ts';
import { HANDLED, type CrashTask, type Ended } from './task.ts';

const DEADLINE_MS = 30_000;

/**
 * Does a task in a process of its own, which kills itself (SIGKILL) where the task says.
 * @throws EbbError EBB_RUNTIME, with what it printed, when it ended in another way
 */
export async function runCrash(module: URL | string, task: CrashTask): Promise<Ended> {
  const path = module instanceof URL ? fileURLToPath(module) : module;
  const program = `${await bundleOf(path)}\nawait globalThis.crashProcess(${JSON.stringify(task)});`;
  const { signal, output, errors } = await runProgram(program, dirname(path));
  if (signal === 'SIGKILL') return { as: 'crashed' };
  const line = output.split('\n').find((each) => each.startsWith(HANDLED));
  if (line !== undefined) return { as: 'answered', handled: JSON.parse(line.slice(HANDLED.length)) as Handled };
  throw new EbbError(
    'EBB_RUNTIME',
    `the process did not come to an answer (${signal ?? 'it exited'}): ${errors || output}`,
  );
}

interface Ran {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** The program goes in through a pipe, so that it is no file; what is outside of it is found from the module's folder. */
function runProgram(program: string, cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-'], { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    // SIGTERM, to tell a process that hangs from one that killed itself.
    const overdue = setTimeout(() => child.kill('SIGTERM'), DEADLINE_MS);
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      clearTimeout(overdue);
      resolve({ signal, output, errors });
    });
    child.stdin.end(program);
  });
}
