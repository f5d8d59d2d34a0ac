import type { IncomingMessage } from 'node:http';

import type { Database, OnCrashPoint } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { RouteDefinition } from '../definition/route.ts';
import type { ServiceDefinition } from '../definition/service.ts';

/** Told of each request that a route takes. */
export type OnRoute = (request: IncomingMessage, route: RouteDefinition) => void;

/** What serves one service: its definition and all that was made for it at the start. */
export interface ServiceRuntime {
  readonly definition: ServiceDefinition;
  readonly telemetry: Telemetry;
  readonly database: Database | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  /** The JWK Set of whoever tells the service who calls; undefined where no route asks. */
  readonly identityKeys?: string;
  readonly onPoint?: OnCrashPoint;
  readonly onRoute?: OnRoute;
}

/** The logger of a part, made at its first use: most requests write no line. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
