import { setMaxListeners } from 'node:events';
import { messageOf } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { Consumption, PartitionReader, StoredRecord } from '@ebb/event-log';
import { keepForeign, keepUnhandled } from './dead-lettering.ts';
import { deliver } from './deliver.ts';
import type { Delivery, DeliveryPorts } from './delivery.ts';
import { resolveDestination, type Target } from './destination.ts';
import { createInFlight } from './in-flight.ts';
import { Lane } from './lane.ts';
import { eventOfRecord } from './record-event.ts';
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
  readonly #ports: DeliveryPorts;
  readonly #counts = newCounts();
  readonly #inFlight = createInFlight(MAX_IN_FLIGHT);
  /** By partition: those that it has, and those that were taken away and not given back yet. */
  readonly #lanes = new Map<number, Lane>();
  /** No more is read. */
  readonly #stopping = new AbortController();
  /** What is under way is cut off. */
  readonly #abandoning = new AbortController();
  #config: TriggerConfig;
  #brokenFilter: TriggerConfig | undefined;
  #consumption: Consumption | undefined;
  #committing: Promise<void> = Promise.resolve();

  private constructor(config: TriggerConfig, ports: DeliveryPorts) {
    this.#config = config;
    this.#ports = ports;
    // Each lane and each delivery listens: more than the ten that Node takes for a leak.
    setMaxListeners(0, this.#stopping.signal, this.#abandoning.signal);
  }

  /** Starts consuming; when it resolves, every event that is published from now on will be seen. @throws when the log cannot be read */
  static async start(config: TriggerConfig, ports: DeliveryPorts): Promise<TriggerRunner> {
    const runner = new TriggerRunner(config, ports);
    const { topic, group } = config;
    runner.#consumption = await ports.log.consume({
      topic,
      group,
      onPartition: (reader) => runner.#startLane(reader),
    });
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
    await this.#consumption?.close();
  }

  #startLane(reader: PartitionReader): void {
    const lane = new Lane({
      reader,
      before: this.#lanes.get(reader.partition),
      inFlight: this.#inFlight,
      logger: this.#ports.logger,
      stopping: this.#stopping.signal,
      config: () => this.#config,
      whenReady: (stopping) => this.#whenReady(stopping),
      handle: (record, stopping) => this.#handle(record, stopping),
    });
    this.#lanes.set(reader.partition, lane);
  }

  async #handle(record: StoredRecord, stopping: AbortSignal): Promise<boolean> {
    const config = this.#config;
    const decoded = eventOfRecord(record);
    if (!decoded) return this.#discard(record, stopping);
    if (!this.#matches(config, decoded.event)) return true;
    const signals = { signal: this.#abandoning.signal, stopping };
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
    if (error === delivery.stopping.reason || error === delivery.signal.reason) throw error;
    const fields = { trigger: delivery.config.name, reason: messageOf(error) };
    this.#ports.logger.error(fields, 'a delivery failed inside the runtime; its event is in the dead letter store');
    await keepUnhandled(delivery, messageOf(error), this.#ports);
  }

  /** Kept where a person sees it; its partition goes on. */
  async #discard(record: StoredRecord, stopping: AbortSignal): Promise<boolean> {
    const { topic, partition, offset } = record;
    const { name: trigger, namespace } = this.#config;
    try {
      await keepForeign(record, namespace, stopping, this.#ports);
    } catch {
      return false;
    }
    this.#counts.discarded += 1;
    const fields = { trigger, topic, partition, offset: String(offset) };
    this.#ports.logger.warn(fields, 'a record is no CloudEvent; it is in the dead letter store');
    return true;
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

  async #whenReady(stopping: AbortSignal): Promise<void> {
    while (this.#notReady() !== undefined) await pause(READY_POLL_MS, stopping);
  }

  async #commitRegularly(): Promise<void> {
    let failing = false;
    for (;;) {
      await pause(COMMIT_EVERY_MS, this.#stopping.signal).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
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
    const lanes = this.#own();
    for (const { reader, ledger, committed } of lanes) {
      if (ledger.committable !== committed) offsets.set(reader.partition, ledger.committable);
    }
    if (offsets.size === 0) return;
    await this.#consumption?.commit(offsets);
    for (const lane of lanes) lane.committed = offsets.get(lane.reader.partition) ?? lane.committed;
  }

  /** What was taken away is another's to finish, and to commit. */
  #own(): readonly Lane[] {
    return [...this.#lanes.values()].filter(({ reader }) => !reader.signal.aborted);
  }

  #lag(): number {
    let lag = 0n;
    for (const { reader, ledger } of this.#own()) {
      const behind = reader.end - ledger.committable;
      if (behind > 0n) lag += behind;
    }
    return Number(lag);
  }

  #oldestMs(): number | undefined {
    const times = this.#own().flatMap(({ ledger }) => ledger.oldestMs ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }
}
