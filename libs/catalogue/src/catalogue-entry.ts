import type { Json } from '@ebb/core';

import type { RouteEntry } from './route-entry.ts';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What one deployable is and needs: printed by `--describe`, and all that other tools know of it. */
export interface CatalogueEntry {
  readonly kind: 'service' | 'worker';
  /** A DNS label. */
  readonly name: string;
  /** Of the code: the package's version and a short hash of the content. */
  readonly version: string;
  readonly functions: readonly FunctionEntry[];
  readonly routes: readonly RouteEntry[];
  /** Where the tokens that it issues are explained, if it issues any. */
  readonly identity?: IdentityEntry;
  readonly schedules: readonly ScheduleEntry[];
  /** Every type of event that the entry consumes or emits. */
  readonly events: readonly EventEntry[];
  readonly database?: DatabaseEntry;
  /** A worker that publishes the outboxes of all services. */
  readonly outboxes: boolean;
  /** A worker with an HTTP server of its own; `public`: strangers may reach it. */
  readonly listens?: ListenEntry;
  /** A worker that reads the catalogue of what is installed. */
  readonly catalogue?: boolean;
  /** A worker that reads topics. */
  readonly eventLog?: boolean;
  /** A worker that tells services who calls: it alone is given the private key for that. */
  readonly signsIdentity?: boolean;
  /** A worker that calls services, whichever there are. */
  readonly services?: boolean;
  readonly settings: readonly SettingEntry[];
  readonly scale: ScaleEntry;
}

/** One function: a Trigger whose subscriber is the service with this path. */
export interface FunctionEntry {
  /** A DNS label. */
  readonly name: string;
  /** `/functions/<name>` */
  readonly path: string;
  /** Types of the events that it reacts to, or waits for. */
  readonly on: readonly string[];
  /** Knative filters, one dialect per object. */
  readonly filters?: readonly unknown[];
  /** Types of the events that it may publish. */
  readonly emits: readonly string[];
  readonly timeoutMs: number;
  /** Events at once in one process. */
  readonly concurrency: number;
  readonly order: 'ordered' | 'unordered';
  readonly delivery: DeliveryEntry;
  /** How its effects come to happen once: in one transaction, step by step on lease, or not at all. */
  readonly effect: 'transactional' | 'leased' | 'none';
  /** How long nobody takes over from a process that died; of a leased function. */
  readonly leaseMs?: number;
}

/** How often and how soon a failed delivery is tried again. */
export interface DeliveryEntry {
  /** Attempts after the first one. */
  readonly retry: number;
  readonly backoffPolicy: 'linear' | 'exponential';
  /** ISO 8601 */
  readonly backoffDelay: string;
}

/** A service that issues tokens: whoever is to believe them finds its keys here. */
export interface IdentityEntry {
  /** The tokens' `iss`. */
  readonly issuer: string;
  /** The path of its JWK Set. */
  readonly jwks: string;
  /** The tokens' `aud`. */
  readonly audience: string;
}

/** An event that is published at fixed times. */
export interface ScheduleEntry {
  readonly name: string;
  /** Five fields, or six with leading seconds. */
  readonly cron: string;
  /** An IANA name; UTC when absent. */
  readonly timeZone?: string;
  /** The event's type. */
  readonly event: string;
  readonly data?: Json;
}

/** A type of event, as documents and tools show it. */
export interface EventEntry {
  readonly type: string;
  readonly topic: string;
  readonly schema: JsonSchema;
  readonly example: Json;
  /** Where in the data the key stands, as JSON Pointer; absent for one that is computed. */
  readonly key?: string;
  readonly description?: string;
}

export interface DatabaseEntry {
  readonly schema: string;
  /** Whether the service brings migrations of its own. */
  readonly migrations: boolean;
}

export interface ListenEntry {
  readonly public: boolean;
}

/** An environment variable that the process reads. */
export interface SettingEntry {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly secret: boolean;
  readonly required: boolean;
  readonly default?: Json;
  /** The service whose address it is; whoever runs the process fills it in. */
  readonly service?: string;
}

/** How a service scales, in Knative's terms; what is absent is Knative's default. */
export interface ScaleEntry {
  readonly min?: number;
  readonly max?: number;
  /** Requests at once per process that the autoscaler aims for. */
  readonly target?: number;
  readonly windowMs?: number;
  /** Knative's containerConcurrency; 0 is unlimited. */
  readonly concurrency?: number;
  readonly timeoutMs: number;
  readonly startTimeoutMs?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}
