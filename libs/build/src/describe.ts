import { execFile } from 'node:child_process';

import { parseCatalogueEntry, type CatalogueEntry } from '@ebb/catalogue';
import { EbbError, messageOf, parseJson } from '@ebb/core';

import { cleanEnvironment } from './process-env.ts';

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 16 * 1_048_576;

/**
 * The catalogue entry of a built service: runs `node <main> --describe` in a clean environment.
 * @throws EbbError EBB_BUILD when the service cannot describe itself, with what it said
 * @throws SchemaViolationError when what it printed is no catalogue entry
 */
export async function describeService(main: string): Promise<CatalogueEntry> {
  const output = await runDescribe(main);
  let value: unknown;
  try {
    value = parseJson(output);
  } catch (error) {
    throw new EbbError('EBB_BUILD', `${main} --describe printed something else than JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseCatalogueEntry(value);
}

function runDescribe(main: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [main, '--describe'],
      { env: cleanEnvironment(), timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else reject(new EbbError('EBB_BUILD', `${main} --describe ${failure(error, stderr)}`, { cause: error }));
      },
    );
  });
}

function failure(error: Error & { killed?: boolean; code?: unknown }, stderr: string): string {
  if (error.killed) return `did not end within ${TIMEOUT_MS} ms`;
  const said = stderr.trim().slice(0, 2_000);
  return said === '' ? `failed: ${messageOf(error)}` : `failed:\n${said}`;
}
