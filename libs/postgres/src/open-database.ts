import type { Secret } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import type { Database } from './database.ts';

export interface DatabaseOptions {
  readonly url: Secret;
  /** Where the service's tables are, the platform's among them. */
  readonly schema: string;
  /** Traces each statement, without its values. */
  readonly tracer?: Tracer;
  /** Default 10. */
  readonly maxConnections?: number;
  /** How long a delivery is remembered: at least as long as its topic keeps it and a person may send it again. Default 14 days. */
  readonly inboxRetentionMs?: number;
}

export declare function openDatabase(options: DatabaseOptions): Database;
