import { mkdirSync } from 'node:fs';
import { messageOf, systemClock } from '@ebb/core';
import { startBroker, type BrokerProcess } from './broker-process.ts';
import { choosePorts } from './ports.ts';
import { clearPredecessor, forgetBroker, recordBroker, stopBroker } from './predecessor.ts';

export interface EmbeddedKafkaOptions {
  /** Holds the data and the last ports. Made when missing. */
  readonly directory: string;
  /** The command of a Java, see {@link findJava}. */
  readonly java: string;
  /** The folder of the jars, see {@link ensureJars}. */
  readonly jars: string;
  /** Each line of the broker's log. */
  readonly onLog?: (line: string) => void;
  /** Told when the broker ended without being asked to; it is started again on the same ports by itself. */
  readonly onCrash?: (crash: KafkaCrash) => void;
}

export interface KafkaCrash {
  /** A signal's name or an exit code. */
  readonly reason: string;
  readonly restartInMs: number;
}

export interface EmbeddedKafka {
  /** `kafka://127.0.0.1:port` */
  readonly url: string;
  /** Of the broker now; 0 while it is started again. */
  readonly pid: number;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;
/** A broker that ran this long was healthy: its next crash is a first one again. */
const HEALTHY_MS = 30_000;

/**
 * Starts a Kafka of one node that listens on the loopback address only, and keeps it running. What a killed predecessor left on the directory is ended first.
 * @throws EbbError EBB_RUNTIME when it cannot start, with its own words, or is in use by another live process
 */
export async function startKafka(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true });
  await clearPredecessor(directory);
  const [port, controllerPort] = await choosePorts(directory);
  const supervisor = new Supervisor(options, port, controllerPort);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements EmbeddedKafka {
  readonly url: string;
  readonly #options: EmbeddedKafkaOptions;
  readonly #port: number;
  readonly #controllerPort: number;
  readonly #stopping = new AbortController();
  #process: BrokerProcess | undefined;
  #restarting: Promise<void> = Promise.resolve();
  #crashes = 0;

  constructor(options: EmbeddedKafkaOptions, port: number, controllerPort: number) {
    this.#options = options;
    this.#port = port;
    this.#controllerPort = controllerPort;
    this.url = `kafka://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { onLog = () => undefined, ...options } = this.#options;
    const broker = await startBroker({ ...options, onLog, port: this.#port, controllerPort: this.#controllerPort });
    const startedAt = Date.now();
    this.#process = broker;
    recordBroker(options.directory, broker.pid);
    void broker.exited.then((reason) => {
      this.#process = undefined;
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > HEALTHY_MS) this.#crashes = 0;
      this.#restarting = this.#restart(reason);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    const { pid } = this;
    if (pid > 0) await stopBroker(pid);
    forgetBroker(this.#options.directory);
  }

  /** Tries until it runs or is stopped. */
  async #restart(firstReason: string): Promise<void> {
    for (let reason = firstReason; !this.#stopping.signal.aborted;) {
      const restartInMs = Math.min(FIRST_RESTART_MS * 2 ** this.#crashes, LONGEST_RESTART_MS);
      this.#crashes += 1;
      this.#options.onCrash?.({ reason, restartInMs });
      try {
        await systemClock.sleep(restartInMs, this.#stopping.signal);
        await this.start();
        return;
      } catch (error) {
        reason = messageOf(error);
      }
    }
  }
}
