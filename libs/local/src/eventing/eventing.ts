import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CatalogueEntry } from '@ebb/catalogue';
import { systemClock, type Clock, type Json, type Logger } from '@ebb/core';
import { DEFAULT_LIMITS, type CodecLimits, type DecodedEvent } from '@ebb/events';
import type { EventLog } from '@ebb/event-log';
import { DEFAULT_NAMESPACE, type Broker, type PingSource, type Trigger } from '@ebb/knative';
import type { Tracer } from '@opentelemetry/api';
import type { PublishReceipt, PublishRequest } from '../control/api.ts';
import { brokerSender } from './broker-sender.ts';
import { brokerEntry, createBrokerRegistry } from './broker-registry.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import { deliverOnce } from './deliver-once.ts';
import { createDispatcher } from './dispatcher.ts';
import { createHttpClient } from './http-client.ts';
import { createIngress } from './ingress.ts';
import { createPingSources } from './ping-sources.ts';
import type { PingStatus } from './ping-status.ts';
import { publishByType } from './publisher.ts';
import { createReceiver } from './receiver.ts';
import type { ScheduleStore } from './schedule-store.ts';
import { createSchemaCheck } from './schema-check.ts';
import { createSender } from './sender.ts';
import type { ServingPort } from './serving-port.ts';
import { createTail, type Tail } from './tail.ts';
import { createTopicTail } from './topic-tail.ts';
import { createTrapReports, type TrapReport } from './trap-reports.ts';
import type { TriggerStatus } from './trigger-status.ts';

/** Short of what people wait for a Ctrl-C, long enough for a handler of the usual length. */
const STOP_TIMEOUT_MS = 10_000;
const DEFAULT_PARTITIONS = 10;
const DEFAULT_RETENTION_MS = 7 * 86_400_000;

/** What {@link Eventing} applies: the kinds of Knative Eventing that the runtime knows. */
export type EventingResource = Broker | Trigger | PingSource;

export interface EventingOptions {
  readonly log: EventLog;
  readonly serving: ServingPort;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly deadLetters: Pick<DeadLetterStore, 'add'>;
  readonly schedules: ScheduleStore;
  /** The current catalogue: asked for each time, so that a reloaded definition counts at once. */
  readonly catalogue: () => readonly CatalogueEntry[];
  readonly onTrap?: (report: TrapReport) => void;
  readonly limits?: Partial<CodecLimits>;
  readonly clock?: Clock;
  /** Partitions of a topic that a Broker brings into being (default: the Kafka Broker's 10). */
  readonly partitions?: number;
  /** How long such a topic keeps its events (default: Kafka's 7 days). */
  readonly retentionMs?: number;
}

/** Knative Eventing on one machine, with the behaviour of the Kafka data plane. */
export interface Eventing {
  /**
   * Adds or changes a resource. A new Trigger sees every event that is published after this resolves.
   * @throws EbbError EBB_MANIFEST when the resource is not valid; the one before it stays in force
   */
  apply(resource: EventingResource): Promise<void>;
  /** Stops and forgets a resource; deliveries under way are waited for (10 s at most). */
  remove(kind: EventingResource['kind'], name: string, namespace?: string): Promise<void>;
  /** Answers `/broker/…`; false when the path belongs to somebody else. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  /** Publishes by type, for the control API. @throws HttpProblem with the status to answer */
  publish(request: PublishRequest): Promise<PublishReceipt>;
  /** Checks data by the schema of a type. @throws HttpProblem 422 */
  checkData(type: string, data: Json): Promise<void>;
  /** Delivers an event to a URL, once and at once. Undefined when it was taken; else why not. */
  deliverOnce(url: string, event: DecodedEvent): Promise<string | undefined>;
  readonly tail: Tail;
  /** The topics of the Brokers. */
  topics(): readonly string[];
  triggers(): readonly TriggerStatus[];
  schedules(): readonly PingStatus[];
  traps(): readonly TrapReport[];
  /** Stops fetching, waits for what is in flight (at most `timeoutMs`), commits. Comes before serving's own stop. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export function createEventing(options: EventingOptions): Eventing {
  const { log, serving, logger, partitions = DEFAULT_PARTITIONS, retentionMs = DEFAULT_RETENTION_MS } = options;
  const clock = options.clock ?? systemClock;
  const brokers = createBrokerRegistry();
  const traps = createTrapReports((report) => options.onTrap?.(report));
  const schemas = createSchemaCheck(options.catalogue);
  const receiver = createReceiver({ ...options, traps, schemas });
  const ingress = createIngress({ brokers, receiver, traps, logger, clock, limits: options.limits });
  const http = createHttpClient();
  const sender = createSender({ serving, http, toBroker: brokerSender({ brokers, ingress, logger, clock }) });
  const tail = createTail();
  const topics = (): string[] => [...new Set(brokers.list().map((broker) => broker.topic))];
  const topicTail = createTopicTail({ log, tail, logger, topics });
  const dispatcher = createDispatcher({ ...options, sender, tail, traps, clock, brokers });
  const pings = createPingSources({ ...options, sender, clock });
  const maxBytes = options.limits?.maxBytes ?? DEFAULT_LIMITS.maxBytes;

  const applyBroker = async (resource: Broker): Promise<void> => {
    const entry = brokerEntry(resource);
    const { namespace, name, topic } = entry;
    await log.createTopic({ name: topic, partitions, retentionMs });
    brokers.set(entry);
    await dispatcher.brokerChanged(namespace, name);
    topicTail.refresh();
  };
  return {
    tail,
    topics,
    handle: (req, res) => ingress.handle(req, res),
    publish: (request) => publishByType(request, { brokers, receiver, schemas, traps, clock, maxBytes }),
    checkData: (type, data) => schemas.checkData(type, data),
    deliverOnce: (url, event) => deliverOnce(url, event, { sender, serving, tracer: options.tracer }),
    triggers: () => dispatcher.status(),
    schedules: () => pings.status(),
    traps: () => traps.list(),
    apply(resource) {
      if (resource.kind === 'Broker') return applyBroker(resource);
      return resource.kind === 'Trigger' ? dispatcher.apply(resource) : pings.apply(resource);
    },
    async remove(kind, name, namespace = DEFAULT_NAMESPACE) {
      if (kind === 'Trigger') return dispatcher.remove(namespace, name);
      if (kind === 'PingSource') return pings.remove(namespace, name);
      brokers.remove(namespace, name);
      return dispatcher.brokerChanged(namespace, name);
    },
    async stop({ timeoutMs = STOP_TIMEOUT_MS } = {}) {
      await Promise.all([topicTail.stop(), pings.stop(), dispatcher.stop(timeoutMs)]);
      http.close();
    },
  };
}
