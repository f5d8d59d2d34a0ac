import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EbbError, messageOf, systemClock } from '@ebb/core';
import { JARS, KAFKA_VERSION } from './jar-list.ts';

const AT_ONCE = 6;
const ATTEMPTS = 3;
const AGAIN_MS = 500;
const TIMEOUT_MS = 60_000;

export interface JarOptions {
  /** Where downloads are kept, for all workspaces of a person. */
  readonly cache: string;
  /** The base URL of a Maven repository. */
  readonly repository: string;
  /** Called before a download starts: it takes a few seconds. */
  readonly onDownload?: (jars: number) => void;
  readonly signal?: AbortSignal;
}

/** The folder of the jars within a cache. */
export function jarFolder(cache: string): string {
  return join(cache, `kafka-${KAFKA_VERSION}`);
}

/** Whether all jars are there; they get their name only when they are whole. */
export function hasJars(cache: string): boolean {
  return JARS.every(([path]) => existsSync(join(jarFolder(cache), basename(path))));
}

/**
 * Downloads what is missing of the embedded Kafka, and checks each file against the list.
 * @returns the folder of the jars
 * @throws EbbError EBB_RUNTIME when a jar cannot be had, or is not the one of the list
 */
export async function ensureJars({ cache, repository, onDownload, signal }: JarOptions): Promise<string> {
  const folder = jarFolder(cache);
  mkdirSync(folder, { recursive: true });
  const missing = JARS.filter(([path, sha256]) => !isWhole(join(folder, basename(path)), sha256));
  if (missing.length > 0) onDownload?.(missing.length);
  const queue = [...missing];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [path, sha256] = next;
      const bytes = await download(`${repository}/${path}`, sha256, signal);
      const file = join(folder, basename(path));
      writeFileSync(`${file}.${process.pid}`, bytes);
      renameSync(`${file}.${process.pid}`, file);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    queue.length = 0;
    throw error;
  }
  return folder;
}

/** A file of the right name with other contents is removed: it was not put there by us. */
function isWhole(file: string, sha256: string): boolean {
  if (!existsSync(file)) return false;
  if (digestOf(readFileSync(file)) === sha256) return true;
  rmSync(file);
  return false;
}

async function download(url: string, sha256: string, signal: AbortSignal | undefined): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (digestOf(bytes) !== sha256) throw new Error(`${url} is not the file that is expected: its SHA-256 differs`);
      return bytes;
    } catch (error) {
      if (attempt < ATTEMPTS) {
        await systemClock.sleep(AGAIN_MS * attempt, signal);
        continue;
      }
      const { hostname } = new URL(url);
      throw new EbbError(
        'EBB_RUNTIME',
        `Kafka could not be downloaded from ${hostname} (${messageOf(error)}): set MAVEN_REPO_URL to a Maven repository that you can reach`,
        { cause: error },
      );
    }
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
