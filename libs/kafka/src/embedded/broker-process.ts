import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { deferred, EbbError, messageOf } from '@ebb/core';
import { serverProperties } from './server-properties.ts';

export interface BrokerOptions {
  readonly directory: string;
  readonly java: string;
  /** The folder of the jars. */
  readonly jars: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly onLog: (line: string) => void;
}

export interface BrokerProcess {
  readonly pid: number;
  /** Resolves when the process is gone, with why. */
  readonly exited: Promise<string>;
}

const READY = 'Kafka Server started';
const START_DEADLINE_MS = 60_000;
const LINES_KEPT = 12;
/** Small and quick to start: it serves one machine for a working day. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Djava.awt.headless=true'];
const LOGGING = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
];

/**
 * Starts a broker on its data, which is made when there is none; resolves when it answers.
 * @throws EbbError EBB_RUNTIME with its last words when it ends before
 */
export async function startBroker(options: BrokerOptions): Promise<BrokerProcess> {
  const { directory, java } = options;
  const properties = join(directory, 'server.properties');
  writeFileSync(properties, serverProperties({ ...options, data: join(directory, 'data') }));
  await ensureFormatted(options, properties);
  const child = spawn(java, [...JVM, ...LOGGING, '-cp', join(options.jars, '*'), 'kafka.Kafka', properties], {
    cwd: directory,
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a session of its own: Ctrl-C on the terminal is for us, and the services drain before their log goes.
    detached: true,
  });
  const exited = deferred<string>();
  child.once('exit', (code, signal) => exited.resolve(signal ?? `exit code ${code ?? 0}`));
  child.once('error', (error) => exited.resolve(error.message));
  const ready = deferred<true>();
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    options.onLog(line);
    if (last.push(line) > LINES_KEPT) last.shift();
    if (line.includes(READY)) ready.resolve(true);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  const outcome = await Promise.race([ready.promise, exited.promise]);
  clearTimeout(timer);
  if (outcome !== true) {
    throw new EbbError('EBB_RUNTIME', `Kafka did not start (${outcome}): ${last.join('\n') || 'it said nothing'}`);
  }
  return { pid: child.pid ?? 0, exited: exited.promise };
}

/** Nothing of ours is for the broker. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };

/** The mark is written last: a format that was killed is done again. */
async function ensureFormatted({ directory, java, jars }: BrokerOptions, properties: string): Promise<void> {
  const mark = join(directory, 'formatted');
  if (existsSync(mark)) return;
  rmSync(join(directory, 'data'), { recursive: true, force: true });
  mkdirSync(join(directory, 'data'), { recursive: true });
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'e');
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
  try {
    await promisify(execFile)(java, [...JVM, ...LOGGING, '-cp', join(jars, '*'), ...format], { env: ENVIRONMENT });
  } catch (error) {
    throw new EbbError('EBB_RUNTIME', `Kafka's data could not be made: ${messageOf(error)}`, { cause: error });
  }
  writeFileSync(mark, clusterId);
}
