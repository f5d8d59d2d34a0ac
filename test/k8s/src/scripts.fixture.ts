import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

/** What a script left behind. */
export interface Ran {
  readonly code: number | null;
  /** Progress and errors, in the order in which they came. */
  readonly output: string;
  /** The commands that it gave, in their order, questions and all. */
  readonly calls: readonly string[];
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Programs that are there. Default: the fakes, before all that this machine has. */
  readonly path?: string;
}

const DEADLINE_MS = 120_000;

/** Runs a script of k8s/ as a person does. */
export function runScript(line: string, { env = {}, path = process.env.PATH ?? '' }: RunOptions = {}): Promise<Ran> {
  const [script = '', ...args] = line.split(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/bash', [join(ROOT, 'k8s', script), ...args], {
      // Nothing of whoever runs the tests may decide.
      env: { PATH: path, HOME: '/nonexistent', EBB_POLL_SECONDS: '0.05', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, calls: callsOf(env.FAKE) }));
  });
}

const callsOf = (fake: string | undefined): readonly string[] =>
  fake === undefined || !existsSync(join(fake, 'calls'))
    ? []
    : readFileSync(join(fake, 'calls'), 'utf8').trimEnd().split('\n');

/** A machine with docker, kind, minikube, kubectl and helm, none of them real: they remember what they were told, and answer by it. */
export class FakeMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'ebb-k8s-'));

  /** Runs a script there; `calls` are those of this run only. */
  run(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    rmSync(join(this.folder, 'calls'), { force: true });
    rmSync(join(this.folder, 'stdin'), { force: true });
    // One of the scripts runs Node, which need not be where the system has its programs.
    const path = [join(import.meta.dirname, 'fake'), dirname(process.execPath), process.env.PATH].join(':');
    return runScript(line, { path, env: { FAKE: this.folder, ...env } });
  }

  /** How it is; see the fakes. */
  set(file: string, content = ''): void {
    writeFileSync(join(this.folder, file), content);
  }

  unset(file: string): void {
    rmSync(join(this.folder, file), { force: true });
  }

  /** Something that is in the cluster, by somebody else. */
  has(object: string): void {
    mkdirSync(join(this.folder, 'objects'), { recursive: true });
    this.set(join('objects', object.replace('/', '_')));
  }

  /** What the cluster was given on standard input in the last run. */
  given(): string {
    const file = join(this.folder, 'stdin');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const CHANGES =
  /^(kubectl --context \S+ (?!get |version$).*|helm .*|kind (?!get ).*|minikube (?!status ).*|docker (?!info|inspect).*)$/;

/** Those of the commands that change something. */
export const changesOf = ({ calls }: Ran): readonly string[] => calls.filter((call) => CHANGES.test(call));
