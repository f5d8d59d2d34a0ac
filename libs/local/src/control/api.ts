import type { CatalogueEntry } from '@ebb/catalogue';
import type { Json, Violation } from '@ebb/core';
import type { DeadReason } from './dead-api.ts';

/** The control API of a running local runtime: what `/ebb/v1/…` takes and gives, shared with its clients. */
export const CONTROL_PATH = '/ebb/v1';

/** `GET /ebb/v1/status` */
export interface StatusReport {
  /** Where it is; in a cluster, that of the API server. */
  readonly url: string;
  /** Where it takes traces; in a cluster they go to the collector. */
  readonly otlpUrl?: string;
  /** In a cluster each part has its own. */
  readonly uptimeMs?: number;
  readonly services: readonly ServiceReport[];
  readonly triggers: readonly TriggerReport[];
  readonly topics: readonly TopicReport[];
  /** What waits in each service's schema. */
  readonly databases: readonly DatabaseReport[];
  /** Dependencies outside that something failed behind, those that are not closed first. */
  readonly circuits: readonly CircuitReport[];
  /** Events committed by services that the relay has not published yet. */
  readonly outboxPending: number;
  /** Parked events by service, and by reason; those that are on their way again are not among them. */
  readonly parked: Readonly<Record<string, Readonly<Partial<Record<DeadReason, number>>>>>;
  /** Dead letters that no service with a database keeps. */
  readonly deadLetters: number;
  /** What is not as it should be in a cluster, and why. */
  readonly problems?: readonly string[];
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
  /** How requests are split where it is not the latest revision that gets them all. */
  readonly traffic?: readonly { readonly revision: string; readonly percent: number }[];
}

export interface TriggerReport {
  readonly name: string;
  readonly broker: string;
  readonly service: string;
  readonly types: readonly string[];
  /** Events of the topic that are still to come; absent where nobody knows. */
  readonly lag?: number;
  /** Figures that only the runtime on this machine has: in a cluster the deliveries are Knative's. */
  readonly inFlight?: number;
  readonly delivered?: number;
  readonly retried?: number;
  readonly deadLettered?: number;
  /** The same for what is sent to the function again. */
  readonly redelivery?: {
    readonly lag: number;
    readonly inFlight: number;
    readonly delivered: number;
    readonly retried: number;
    readonly deadLettered: number;
  };
}

export interface DatabaseReport {
  readonly service: string;
  readonly schema: string;
  /** Events that the relay has not published yet. */
  readonly pending: number;
  /** How long the oldest of them has waited. */
  readonly lagMs: number;
  /** Events of the outbox that no log takes, or whose topic does not exist. */
  readonly putAside: number;
  /** Events that wait for their time. */
  readonly timers: number;
  /** Rows as PostgreSQL's statistics have them, and bytes on disk with indexes. */
  readonly tables: Readonly<Record<'inbox' | 'outbox' | 'parked', { readonly rows: number; readonly bytes: number }>>;
}

export interface CircuitReport {
  readonly service: string;
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half-open';
  /** Failures in a row. */
  readonly failures: number;
  /** ISO 8601. Open: until then nobody calls. Half-open: until then one caller tries. */
  readonly until?: string;
  readonly lastFailure?: { readonly at: string; readonly message: string };
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

/** What the relay of a cluster answers to `GET /ebb/v1/status`: the part that it can see. */
export type OperatorReport = Pick<
  StatusReport,
  'topics' | 'databases' | 'circuits' | 'outboxPending' | 'parked' | 'deadLetters'
>;

/** `POST /ebb/v1/lag` of the relay in a cluster: how far consumer groups are behind. */
export interface LagRequest {
  readonly consumers: readonly { readonly group: string; readonly topic: string }[];
}

export interface LagReport {
  /** In the order of the request; null where nobody knows. */
  readonly lags: readonly (number | null)[];
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
