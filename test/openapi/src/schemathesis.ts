import { spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

const PROGRAM = 'schemathesis';
/** The findings come last. */
const MAX_OUTPUT = 8_000;

/** Whether it is installed: `pip install schemathesis`. */
export const HAS_SCHEMATHESIS = spawnSync(PROGRAM, ['--version']).status === 0;

export interface Attack {
  readonly port: number;
  /** The document, as a file. */
  readonly file: string;
  readonly token?: string;
  readonly seed: number;
}

/**
 * Sends what the document allows, and what it does not, to every operation, and looks whether each answer is one that it has.
 * @returns what it printed, and whether it found nothing
 */
export function attack({
  port,
  file,
  token,
  seed,
}: Attack): Promise<{ readonly ok: boolean; readonly output: string }> {
  const bearer = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  const args = [
    ...['run', file, '--url', `http://127.0.0.1:${port}`, '--header', `Host: gateway.localhost:${port}`, ...bearer],
    ...['--checks', CHECKS.join(','), '--phases', 'coverage,fuzzing', '--max-examples', '12', '--seed', String(seed)],
    ...['--workers', '1', '--request-timeout', '30', '--continue-on-failure', '--suppress-health-check', 'all'],
    ...['--no-color', '--warnings', 'off'],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, args, {
      // It leaves a folder of its own where it runs.
      cwd: dirname(file),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, COLUMNS: '120' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-MAX_OUTPUT)));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * Not among them: whether every wrong request is refused, since nobody promises to refuse a header that nobody reads; and whether each other
 * method is answered with 405, since `DELETE /sessions/refresh` is `DELETE /sessions/:sessionId`.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'ignored_auth',
];
