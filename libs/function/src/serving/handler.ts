import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Database } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { ServiceDefinition } from '../definition/service.ts';

export interface HandlerDependencies {
  readonly telemetry: Telemetry;
  readonly database?: Database;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The service as an HTTP request listener, without a socket. */
export declare function createHandler(
  definition: ServiceDefinition,
  dependencies: HandlerDependencies,
): (request: IncomingMessage, response: ServerResponse) => void;
