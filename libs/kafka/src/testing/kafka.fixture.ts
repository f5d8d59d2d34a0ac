import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { startKafka, type EmbeddedKafka } from '../embedded/embedded-kafka.ts';
import { hasJars, jarFolder } from '../embedded/jars.ts';
import { findJava } from '../embedded/java.ts';
import { clearPredecessor } from '../embedded/predecessor.ts';
import { kafkaSources } from '../settings.ts';

const PREFIX = 'ebb-kafka-';

export interface TestKafka extends EmbeddedKafka {
  /** `host:port`, for clients of others. */
  readonly address: string;
  /** Ends the broker as a power cut would; it is started again by itself. */
  kill(): void;
}

/** Kafka's own tests: skipped, and counted so, where Java or the jars are missing, unless EBB_KAFKA_REQUIRED says that they must be there. */
export const describeWithKafka: typeof describe | typeof describe.skip =
  process.env.EBB_KAFKA_REQUIRED === '1' || isKafkaHere() ? describe : describe.skip;

/** A broker of the test file's own, on random ports: it answers after some seconds. */
export async function kafkaForTests(): Promise<TestKafka> {
  await clearOrphans();
  const { cache, javaHome } = kafkaSources(process.env);
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  const kafka = await startKafka({ directory, jars: jarFolder(cache), java: await findJava(javaHome) });
  return {
    url: kafka.url,
    address: kafka.url.slice('kafka://'.length),
    get pid() {
      return kafka.pid;
    },
    kill: () => process.kill(kafka.pid, 'SIGKILL'),
    async stop() {
      await kafka.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Ends brokers whose tests were killed: they are in folders of their own, so that no later start would meet them. */
async function clearOrphans(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    // In use by tests that run at the same time.
    const isOrphan = await clearPredecessor(directory).catch(() => false);
    if (isOrphan) rmSync(directory, { recursive: true, force: true });
  }
}

function isKafkaHere(): boolean {
  const { cache, javaHome } = kafkaSources(process.env);
  if (!hasJars(cache)) return false;
  try {
    execFileSync(javaHome === undefined ? 'java' : join(javaHome, 'bin/java'), ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
