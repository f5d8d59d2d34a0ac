import type { Database, OnCrashPoint } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { ServiceDefinition } from '../definition/service.ts';

/** What serves one service: its definition and all that was made for it at the start. */
export interface ServiceRuntime {
  readonly definition: ServiceDefinition;
  readonly telemetry: Telemetry;
  readonly database: Database | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly onPoint?: OnCrashPoint;
}

/** The logger of a part, made at its first use: most requests write no line. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
