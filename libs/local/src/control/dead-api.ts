import type { Json } from '@ebb/core';

/** Which parked events and dead letters are meant; what is absent does not matter. */
export interface DeadFilter {
  readonly reason?: DeadReason;
  readonly service?: string;
  /** `confirm-order`, or `orders/confirm-order`. */
  readonly function?: string;
  /** A trailing * stands for any ending. */
  readonly type?: string;
  /** A partition key. */
  readonly key?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
  /** Also those that are over. */
  readonly closed?: boolean;
}

export const DEAD_REASONS = [
  'terminal',
  'schema',
  'budget',
  'payload-mismatch',
  'undecodable',
  'step-unknown',
  'delayed',
  'behind',
  'dead-letter',
  'too-large',
  'no-topic',
] as const;

export type DeadReason = (typeof DEAD_REASONS)[number];

/** An event that did not take effect. */
export interface DeadSummary {
  /** `orders:17`; `orders.outbox:5` for what was put aside there; `platform:3` for what no service with a database keeps. */
  readonly id: string;
  /** `orders/confirm-order`, or a URL; `topic orders` for what could not be published. */
  readonly target: string;
  readonly reason: DeadReason;
  readonly state: 'waiting' | 'on-its-way' | 'done' | 'discarded' | 'edited';
  /** The first line of the error. */
  readonly message: string;
  readonly source: string;
  readonly eventId: string;
  readonly type: string;
  readonly key?: string;
  readonly attempts: number;
  /** How often a person sent it again. */
  readonly redrives: number;
  readonly parkedAt: string;
  /** When it is sent on by itself. */
  readonly availableAt?: string;
  readonly redrivenAt?: string;
  readonly closedAt?: string;
}

/** `GET /ebb/v1/dead/:id` */
export interface DeadDetail extends DeadSummary {
  /** With the stack. */
  readonly error: string;
  /** The CloudEvents JSON format. */
  readonly event: Readonly<Record<string, Json>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId?: string;
  readonly businessKey?: string;
  /** The one that was edited into this one. */
  readonly replaces?: string;
  /** Why a person closed it. */
  readonly note?: string;
}

/** `GET /ebb/v1/dead`: the newest first. */
export interface DeadPage {
  readonly items: readonly DeadSummary[];
  /** `cursor` of the next page. */
  readonly next?: string;
}

/** `GET /ebb/v1/dead/count` */
export interface DeadCounts {
  readonly waiting: Readonly<Partial<Record<DeadReason, number>>>;
  readonly onTheirWay: number;
  /** Those that a redrive of all of them sends, without `force`. */
  readonly redrivable: number;
}

/** `POST /ebb/v1/dead/redrive`: the next ones that match, the oldest of each service first. */
export interface RedriveRequest extends DeadFilter {
  readonly force?: boolean;
  /** At most 100. */
  readonly limit?: number;
  /** `next` of the answer before. */
  readonly after?: string;
}

export interface RedriveResult {
  readonly id: string;
  /** `redriven`, `done` (delivered at once), or why not. */
  readonly outcome: string;
  readonly redrives: number;
  /** Why it failed again at once. */
  readonly message?: string;
}

export interface RedrivePage {
  readonly results: readonly RedriveResult[];
  readonly next?: string;
}

/** `POST /ebb/v1/dead/:id/edit` */
export interface EditRequest {
  readonly data: Json;
  readonly note?: string;
}

export interface EditReceipt {
  readonly id: string;
  /** Of the event that took its place. */
  readonly eventId: string;
  /** What is listed until that one took effect. */
  readonly successor?: string;
}

/** `POST /ebb/v1/dead/:id/dry-run`: what the handler would do now. */
export interface DryRunReport {
  readonly outcome: 'done' | 'parked' | 'retry';
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
  readonly events: readonly { readonly topic: string; readonly event: Readonly<Record<string, Json>> }[];
  readonly timers: readonly Json[];
  readonly cancelled: readonly string[];
  readonly rows: readonly {
    readonly table: string;
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
    readonly rows: readonly Readonly<Record<string, Json>>[];
  }[];
}
