import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Secret } from '@ebb/core';

import type { DryRunEndpoint } from './dry-run-endpoint.ts';
import type { ServiceRuntime } from './runtime.ts';

/** Its value is the token that the platform gave to this process and to nobody else. */
export const DRY_RUN_HEADER = 'ebb-dry-run';

export function isDryRun(request: IncomingMessage): boolean {
  return request.headers[DRY_RUN_HEADER] !== undefined;
}

/** The dry runs of a service, loaded when a person asks for the first one. */
export class DryRuns {
  readonly #load: () => Promise<DryRunEndpoint>;
  #endpoint: Promise<DryRunEndpoint> | undefined;

  constructor(runtime: ServiceRuntime, token: Secret | undefined) {
    this.#load = async () => {
      const { DryRunEndpoint } = await import('./dry-run-endpoint.ts');
      return new DryRunEndpoint(runtime, token);
    };
  }

  /** As {@link DryRunEndpoint.handle}. */
  async handle(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#endpoint ??= this.#load();
    await (await this.#endpoint).handle(name, request, response);
  }
}
