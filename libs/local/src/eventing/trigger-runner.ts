import { setMaxListeners } from 'node:events';
import { messageOf } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { StoredRecord } from '@ebb/event-log';
import { keepUnhandled } from './dead-lettering.ts';
import { deliver } from './deliver.ts';
import type { Delivery, DeliveryPorts } from './delivery.ts';
import { resolveDestination, type Target } from './destination.ts';
import { createInFlight } from './in-flight.ts';
import { Lane } from './lane.ts';
import { eventOfRecord } from './record-event.ts';
import { startOffsets } from './start-offsets.ts';
import type { TopicWatcher } from './topic-watcher.ts';
import type { TriggerConfig } from './trigger-config.ts';
import { newCounts } from './trigger-counts.ts';
import type { TriggerStatus } from './trigger-status.ts';
import { pause } from './wait.ts';

/** An unordered Trigger stops polling at this many deliveries under way, like the data plane. */
const MAX_IN_FLIGHT = 50;
/** The data plane commits every 5 s; sooner means fewer duplicates after a crash, and nothing else differs. */
const COMMIT_EVERY_MS = 1_000;
const READY_POLL_MS = 100;

/** Consumes a topic for one Trigger. */
export class TriggerRunner {
  readonly #watcher: TopicWatcher;
  readonly #ports: DeliveryPorts;
  readonly #counts = newCounts();
  readonly #inFlight = createInFlight(MAX_IN_FLIGHT);
  readonly #lanes = new Map<number, Lane>();
  /** No more is read. */
  readonly #stopping = new AbortController();
  /** What is under way is cut off. */
  readonly #abandoning = new AbortController();
  #config: TriggerConfig;
  #brokenFilter: TriggerConfig | undefined;
  #committing: Promise<void> = Promise.resolve();

  private constructor(config: TriggerConfig, watcher: TopicWatcher, ports: DeliveryPorts) {
    this.#config = config;
    this.#watcher = watcher;
    this.#ports = ports;
    // Each lane and each delivery listens: more than the ten that Node takes for a leak.
    setMaxListeners(0, this.#stopping.signal, this.#abandoning.signal);
  }

  /** Starts consuming; when it resolves, every event that is published from now on will be seen. @throws when the log cannot be read */
  static async start(config: TriggerConfig, watcher: TopicWatcher, ports: DeliveryPorts): Promise<TriggerRunner> {
    const runner = new TriggerRunner(config, watcher, ports);
    for (const [partition, start] of await startOffsets(config, watcher, ports)) runner.#startLane(partition, start);
    runner.#committing = runner.#commitRegularly();
    return runner;
  }

  get config(): TriggerConfig {
    return this.#config;
  }

  /** Takes effect with the next record; what is under way goes on as it began. The topic and the group must stay. */
  update(config: TriggerConfig): void {
    this.#config = config;
  }

  status(): TriggerStatus {
    const { namespace, name, topic, group, ordered, resource } = this.#config;
    const oldestMs = this.#oldestMs();
    const notReady = this.#notReady();
    return {
      namespace,
      name,
      broker: resource.spec.broker,
      topic,
      group,
      order: ordered ? 'ordered' : 'unordered',
      subscriber: this.#target().url,
      lag: this.#lag(),
      inFlight: this.#inFlight.count,
      ...(notReady !== undefined && { notReady }),
      ...(oldestMs !== undefined && { oldestAgeMs: Math.max(0, Date.now() - oldestMs) }),
      ...this.#counts,
    };
  }

  /** Stops fetching, waits at most `timeoutMs` for what is under way, commits. What was cut off is delivered again. */
  async stop(timeoutMs: number): Promise<void> {
    const reason = new Error(`trigger ${this.#config.name} stops`);
    this.#stopping.abort(reason);
    const timer = setTimeout(() => this.#abandoning.abort(reason), timeoutMs);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.ended));
    await this.#inFlight.idle();
    clearTimeout(timer);
    await this.#committing;
    await this.#commit().catch((error: unknown) => {
      const fields = { trigger: this.#config.name, reason: messageOf(error) };
      this.#ports.logger.warn(fields, 'offsets could not be committed; some events will come again');
    });
  }

  #startLane(partition: number, start: bigint): void {
    const lane = new Lane({
      topic: this.#config.topic,
      partition,
      start,
      watcher: this.#watcher,
      inFlight: this.#inFlight,
      ports: this.#ports,
      stopping: this.#stopping.signal,
      config: () => this.#config,
      whenReady: () => this.#whenReady(),
      handle: (record) => this.#handle(record),
    });
    this.#lanes.set(partition, lane);
  }

  #handle(record: StoredRecord): Promise<boolean> {
    const config = this.#config;
    const decoded = eventOfRecord(record);
    if (!decoded) this.#discard(record);
    if (!decoded || !this.#matches(config, decoded.event)) return Promise.resolve(true);
    const signals = { signal: this.#abandoning.signal, stopping: this.#stopping.signal };
    return this.#deliver({ record, decoded, config, counts: this.#counts, ...signals });
  }

  async #deliver(delivery: Delivery): Promise<boolean> {
    this.#inFlight.enter();
    try {
      await deliver(delivery, this.#ports).catch((error: unknown) => this.#rescue(delivery, error));
      return true;
    } catch {
      return false;
    } finally {
      this.#inFlight.leave();
    }
  }

  /** A delivery that failed inside the runtime must neither stop its partition nor lose its event. */
  async #rescue(delivery: Delivery, error: unknown): Promise<void> {
    if (error === this.#stopping.signal.reason) throw error;
    const fields = { trigger: delivery.config.name, reason: messageOf(error) };
    this.#ports.logger.error(fields, 'a delivery failed inside the runtime; its event is in the dead letter store');
    await keepUnhandled(delivery, messageOf(error), this.#ports);
  }

  #discard({ topic, partition, offset }: StoredRecord): void {
    this.#counts.discarded += 1;
    const fields = { trigger: this.#config.name, topic, partition, offset: String(offset) };
    this.#ports.logger.warn(fields, 'discarded a record that is no CloudEvent');
  }

  #matches(config: TriggerConfig, event: CloudEvent): boolean {
    try {
      return config.matches(event);
    } catch (error) {
      // Told once per configuration: what throws on one event mostly throws on all.
      if (this.#brokenFilter !== config) {
        const fields = { trigger: config.name, reason: messageOf(error) };
        this.#ports.logger.error(fields, 'the filter failed; such events do not pass');
      }
      this.#brokenFilter = config;
      return false;
    }
  }

  #target(): Target {
    const { subscriber, namespace } = this.#config;
    return resolveDestination(subscriber, namespace, (name) => this.#ports.serving.has(name));
  }

  /** A cluster does not deliver to what it cannot resolve either: the Trigger waits, and its events with it. */
  #notReady(): string | undefined {
    const target = this.#target();
    if (target.kind === 'unresolved') return target.reason;
    const isMissing = target.kind === 'service' && !this.#ports.serving.has(target.service);
    return isMissing ? `there is no service ${target.service}` : undefined;
  }

  async #whenReady(): Promise<void> {
    while (this.#notReady() !== undefined) await pause(READY_POLL_MS, this.#stopping.signal);
  }

  async #commitRegularly(): Promise<void> {
    let failing = false;
    for (;;) {
      await pause(COMMIT_EVERY_MS, this.#stopping.signal).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      for (const partition of this.#watcher.ends.keys()) {
        if (!this.#lanes.has(partition)) this.#startLane(partition, 0n);
      }
      try {
        await this.#commit();
        failing = false;
      } catch (error) {
        const fields = { trigger: this.#config.name, reason: messageOf(error) };
        if (!failing) this.#ports.logger.error(fields, 'offsets cannot be committed; trying on');
        failing = true;
      }
    }
  }

  async #commit(): Promise<void> {
    const offsets = new Map<number, bigint>();
    for (const { partition, ledger, committed } of this.#lanes.values()) {
      if (ledger.committable !== committed) offsets.set(partition, ledger.committable);
    }
    if (offsets.size === 0) return;
    const { group, topic } = this.#config;
    await this.#ports.log.commit(group, topic, offsets);
    for (const lane of this.#lanes.values()) lane.committed = offsets.get(lane.partition) ?? lane.committed;
  }

  #lag(): number {
    let lag = 0n;
    for (const { partition, ledger } of this.#lanes.values()) {
      const behind = (this.#watcher.ends.get(partition) ?? 0n) - ledger.committable;
      if (behind > 0n) lag += behind;
    }
    return Number(lag);
  }

  #oldestMs(): number | undefined {
    const times = [...this.#lanes.values()].flatMap(({ ledger }) => ledger.oldestMs ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }
}
