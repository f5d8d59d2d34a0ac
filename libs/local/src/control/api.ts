import type { CatalogueEntry } from '@ebb/catalogue';
import type { Json, Violation } from '@ebb/core';

/** The control API of a running local runtime: what `/ebb/v1/…` takes and gives, shared with its clients. */
export const CONTROL_PATH = '/ebb/v1';

/** `GET /ebb/v1/status` */
export interface StatusReport {
  readonly url: string;
  readonly otlpUrl: string;
  readonly uptimeMs: number;
  readonly services: readonly ServiceReport[];
  readonly triggers: readonly TriggerReport[];
  readonly topics: readonly TopicReport[];
  /** Events committed by services that the relay has not published yet. */
  readonly outboxPending: number;
  /** Deliveries that wait for a person, by service. */
  readonly parked: Readonly<Record<string, number>>;
  /** Events that no delivery could place: they ended in the local dead letter store. */
  readonly deadLetters: number;
  readonly traps: readonly TrapReport[];
  /** The builds that do not compile at the moment. */
  readonly buildErrors: readonly { readonly service: string; readonly message: string }[];
}

export interface ServiceReport {
  readonly name: string;
  readonly kind: 'service' | 'worker';
  readonly state: 'zero' | 'activating' | 'ready' | 'failing';
  readonly ready: number;
  readonly revision: string;
  readonly url?: string;
  readonly lastColdStartMs?: number;
  readonly lastError?: string;
}

export interface TriggerReport {
  readonly name: string;
  readonly broker: string;
  readonly service: string;
  readonly types: readonly string[];
  readonly lag: number;
  readonly inFlight: number;
  readonly delivered: number;
  readonly retried: number;
  readonly deadLettered: number;
}

export interface TopicReport {
  readonly name: string;
  readonly partitions: number;
  readonly events: number;
}

/** A trap of the data plane that a cluster would fall into silently. */
export interface TrapReport {
  readonly trap: number;
  readonly name: string;
  readonly subject: string;
  readonly message: string;
}

/** `GET /ebb/v1/catalogue` */
export interface CatalogueReport {
  readonly entries: readonly CatalogueEntry[];
}

/** `POST /ebb/v1/publish` */
export interface PublishRequest {
  readonly type: string;
  /** Send the example of the event's definition. */
  readonly example?: boolean;
  readonly data?: Json;
  readonly id?: string;
  readonly source?: string;
  readonly subject?: string;
}

export interface PublishReceipt {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly topic: string;
  readonly traceId: string;
}

/** One line of `GET /ebb/v1/events` (server-sent events): something passed. */
export type TailEvent =
  | {
      readonly kind: 'received';
      readonly at: number;
      readonly topic: string;
      readonly partition: number;
      readonly offset: string;
      readonly id: string;
      readonly source: string;
      readonly type: string;
      readonly subject?: string;
      readonly traceId?: string;
      readonly data: Json;
    }
  | {
      readonly kind: 'delivered' | 'retrying' | 'dead-lettered';
      readonly at: number;
      readonly trigger: string;
      readonly id: string;
      readonly type: string;
      readonly subject?: string;
      readonly attempt: number;
      readonly status?: number;
      readonly durationMs: number;
      readonly reason?: string;
    };

/** `GET /ebb/v1/traces/:id`, by trace id or by event id */
export interface TraceReport {
  readonly traceId: string;
  /** The tree as text, one hop per line. */
  readonly text: string;
  readonly spans: readonly Json[];
}

export interface ProblemReport {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly violations?: readonly Violation[];
}
