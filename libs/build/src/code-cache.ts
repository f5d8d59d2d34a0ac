import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type RequestOptions, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { join } from 'node:path';

import { EbbError, systemClock } from '@ebb/core';
import type { CatalogueEntry, SettingEntry } from '@ebb/catalogue';

import { describeService } from './describe.ts';
import { CACHE_FILE, cacheTag, CHECK_CACHE_VARIABLE, MAKE_CACHE_VARIABLE } from './loader.ts';
import type { BuiltService } from './output.ts';
import { cleanEnvironment } from './process-env.ts';
import { sampleDatabase } from './sample-database.ts';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/**
 * V8 orders its tables by random numbers, and writes them into the cache: with a seed of its own each build would differ. This is
 * one of the two flags that V8 leaves out when it compares the flags of a cache with its own.
 * @see https://github.com/v8/v8/blob/main/src/flags/flags.cc (ComputeFlagListHash)
 */
const SAME_SEED = '--random-seed=1';

/**
 * Makes V8's code cache of a built service: starts it once, lets it take one event, and keeps what V8 compiled by then.
 * A worker needs none: it starts once. Does nothing when there is a cache that V8 takes.
 * @throws EbbError EBB_BUILD when the service does not start, or V8 rejects the cache
 */
export async function makeCodeCache(built: BuiltService): Promise<void> {
  if (hasCache(built) && (await checkCache(built)) === 'accepted') return;
  const entry = await describeService(built.main);
  if (entry.kind === 'worker') return;
  const collector = sampleCollector();
  const database = sampleDatabase();
  try {
    await warmUp(built, entry, { collector: await listen(collector), database: await listen(database) });
  } finally {
    collector.close();
    collector.closeAllConnections();
    database.close();
  }
  const answer = await checkCache(built);
  if (answer !== 'accepted') throw new EbbError('EBB_BUILD', `${built.name}: the code cache is ${answer} by V8`);
}

function hasCache({ directory, hash }: BuiltService): boolean {
  try {
    return readFileSync(join(directory, CACHE_FILE)).toString('latin1', 0, 16) === cacheTag(hash);
  } catch {
    return false;
  }
}

function checkCache({ main }: BuiltService): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [main],
      { env: cleanEnvironment({ [CHECK_CACHE_VARIABLE]: '1' }), timeout: START_TIMEOUT_MS },
      (error, stdout) => {
        if (error) reject(new EbbError('EBB_BUILD', `${main} does not load: ${error.message}`, { cause: error }));
        else resolve(stdout.trim());
      },
    );
  });
}

/** Takes the spans of the start, so that the exporter is compiled as well. */
function sampleCollector(): Server {
  return createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
}

async function listen(server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Ports {
  readonly collector: number;
  readonly database: number;
}

async function warmUp(built: BuiltService, entry: CatalogueEntry, ports: Ports): Promise<void> {
  const port = await freePort();
  const child = spawn(process.execPath, [SAME_SEED, built.main], {
    env: cleanEnvironment({
      ...sampleSettings(entry.settings),
      // Of a service that asks who calls: nobody does here, so no key is ever read.
      EBB_IDENTITY_KEYS: '{"keys":[{}]}',
      PORT: String(port),
      HOST: '127.0.0.1',
      ...(entry.database && { DATABASE_URL: `postgres://sample@127.0.0.1:${ports.database}/sample` }),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.collector}`,
      LOG_LEVEL: 'warn',
      [MAKE_CACHE_VARIABLE]: join(built.directory, CACHE_FILE),
    }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    await untilListening(child, port, () => said);
    await sendExample(entry, port);
    child.kill('SIGTERM');
    await exited(child);
  } finally {
    child.kill('SIGKILL');
  }
}

async function untilListening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new EbbError('EBB_BUILD', `the service does not start: ${said().trim()}`);
    const status = await send(port, { method: 'GET', path: '/healthz/live' }).catch(() => undefined);
    if (status === 200) return;
    if (Date.now() > deadline) throw new EbbError('EBB_BUILD', `the service does not listen: ${said().trim()}`);
    await systemClock.sleep(POLL_MS);
  }
}

/** The first function's first event, as its definition's example has it; the answer does not matter. */
async function sendExample({ functions, events }: CatalogueEntry, port: number): Promise<void> {
  const [fn] = functions;
  const event = events.find(({ type }) => type === fn?.on[0]);
  if (!fn || !event) return;
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'warm-up',
    'ce-source': '/build',
    'ce-type': event.type,
  };
  await send(port, { method: 'POST', path: fn.path, headers }, JSON.stringify(event.example));
}

/**
 * One request on a connection of its own, until that is closed: what the service does for it must not depend on what a
 * client does with idle connections.
 */
function send(port: number, options: RequestOptions, body?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      response.resume();
      outgoing.on('close', () => resolve(response.statusCode));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function exited(child: ChildProcess): Promise<unknown> {
  return child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
}

const SAMPLES: Readonly<Record<string, string>> = {
  integer: '1',
  port: '1',
  flag: 'true',
  duration: '1s',
  list: 'sample',
  url: 'http://127.0.0.1:9',
  service: 'http://127.0.0.1:9',
  key: Buffer.alloc(32).toString('base64'),
};

/** Something for every setting that the service cannot start without. */
function sampleSettings(settings: readonly SettingEntry[]): Record<string, string> {
  const required = settings.filter((setting) => setting.required);
  return Object.fromEntries(required.map(({ name, kind }) => [name, SAMPLES[kind] ?? 'sample']));
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  return port;
}
