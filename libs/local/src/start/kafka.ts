import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { messageOf, systemClock, type Logger } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import {
  ensureJars,
  findJava,
  kafkaAddress,
  kafkaSources,
  kafkaUrlOf,
  openKafkaLog,
  parseKafkaUrl,
  startKafka,
} from '@ebb/kafka';
import type { OnProgress } from '../progress.ts';
import type { StateDirectory } from '../workspace/index.ts';
import type { StopStack } from './stop-stack.ts';

const EMBEDDED = 'embedded';
const AGAIN_MS = 1_000;

export interface KafkaChoice {
  /** `embedded`, or the address of a Kafka that runs already. */
  readonly kafka: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly state: StateDirectory;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
  readonly stack: StopStack;
}

/** Before anything is started, which takes its time. @throws EbbError EBB_CONFIG (the address) */
export function checkKafka({ kafka, environment }: Pick<KafkaChoice, 'kafka' | 'environment'>): void {
  if (kafka !== EMBEDDED) kafkaUrlOf(kafka, environment);
}

/**
 * The Kafka to work on: one that is started here, and stopped with the runtime, or one that is somewhere.
 * @returns its address in full
 * @throws EbbError EBB_RUNTIME (no Java, no download) · EBB_CONFIG (the address)
 */
export async function chooseKafka(choice: KafkaChoice): Promise<string> {
  const { kafka, environment, state, onProgress, signal, stack } = choice;
  if (kafka !== EMBEDDED) return kafkaUrlOf(kafka, environment);
  const sources = kafkaSources(environment);
  const java = await findJava(sources.javaHome);
  const onDownload = (files: number): void =>
    onProgress({ kind: 'note', message: `downloading Kafka (${files} files, once) from ${sources.repository}` });
  const jars = await ensureJars({ ...sources, onDownload, ...(signal && { signal }) });
  const log = createWriteStream(join(state.folder('logs'), 'kafka.log'), { flags: 'a' });
  const started = await startKafka({
    directory: state.folder('kafka'),
    java,
    jars,
    onLog: (line) => log.write(`${line}\n`),
    onCrash: ({ reason, restartInMs }) => {
      onProgress({ kind: 'warning', message: `Kafka ended (${reason}); it is started again in ${restartInMs} ms` });
    },
  });
  stack.push('Kafka', async () => {
    await started.stop();
    log.end();
  });
  onProgress({ kind: 'note', message: `Kafka is at ${kafkaAddress(parseKafkaUrl(started.url))}` });
  return started.url;
}

/** Waits for a Kafka that is away, and says so once. @throws when the signal is aborted first, or what another try would not change */
export async function awaitKafka(
  url: string,
  { logger, onProgress, signal }: { logger: Logger; onProgress: OnProgress; signal: AbortSignal | undefined },
): Promise<EventLog> {
  const address = kafkaAddress(parseKafkaUrl(url));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openKafkaLog({ url, logger });
    } catch (error) {
      if (attempt === 1) {
        const message = `Kafka at ${address} cannot be reached (${messageOf(error)}); waiting for it`;
        onProgress({ kind: 'warning', message });
      }
      await systemClock.sleep(AGAIN_MS, signal);
    }
  }
}
