import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CatalogueEntry } from '@ebb/catalogue';
import type { Clock, Logger } from '@ebb/core';
import type { CodecLimits } from '@ebb/events';
import type { EventLog } from '@ebb/event-log';
import type { Broker, PingSource, Trigger } from '@ebb/knative';
import type { Tracer } from '@opentelemetry/api';
import type { PublishReceipt, PublishRequest } from '../control/api.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { ServingPort } from './serving-port.ts';
import type { Tail } from './tail.ts';
import type { TrapReport } from './trap-reports.ts';
import type { TriggerStatus } from './trigger-status.ts';
import type { PingStatus } from './ping-status.ts';

/** What {@link Eventing} applies: the kinds of Knative Eventing that the runtime knows. */
export type EventingResource = Broker | Trigger | PingSource;

export interface EventingOptions {
  readonly log: EventLog;
  readonly serving: ServingPort;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly deadLetters: DeadLetterStore;
  readonly schedules: ScheduleStore;
  /** The current catalogue: asked for each time, so that a reloaded definition counts at once. */
  readonly catalogue: () => readonly CatalogueEntry[];
  readonly onTrap?: (report: TrapReport) => void;
  readonly limits?: Partial<CodecLimits>;
  readonly clock?: Clock;
  /** Partitions of a topic that a Broker brings into being. */
  readonly partitions?: number;
  readonly retentionMs?: number;
}

/** Knative Eventing on one machine, with the behaviour of the Kafka data plane. */
export interface Eventing {
  /** Adds or changes a resource. A new Trigger sees every event that is published after this resolves. */
  apply(resource: EventingResource): Promise<void>;
  /** Stops and forgets a resource; deliveries under way are waited for. */
  remove(kind: EventingResource['kind'], name: string, namespace?: string): Promise<void>;
  /** Answers `/broker/…`; false when the path belongs to somebody else. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  /** Publishes by type, for the control API. @throws HttpProblem with the status to answer */
  publish(request: PublishRequest): Promise<PublishReceipt>;
  readonly tail: Tail;
  triggers(): readonly TriggerStatus[];
  schedules(): readonly PingStatus[];
  traps(): readonly TrapReport[];
  /** Stops fetching, waits for what is in flight (at most `timeoutMs`), commits. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}
