import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { messageOf, problem, type Secret } from '@ebb/core';
import { decodeHttp, readBody } from '@ebb/events';
import type { DryRun } from '@ebb/postgres';

import { FunctionRunner } from './function-runner.ts';
import { DRY_RUN_HEADER } from './dry-runs.ts';
import { MAX_BODY_BYTES } from './body-limit.ts';
import { outcomeOfError } from './outcome.ts';
import { sendProblem } from './problems.ts';
import type { ServiceRuntime } from './runtime.ts';

/**
 * `POST /functions/<name>` with the header `ebb-dry-run`: the handler runs and is rolled back, and the answer tells what it would have written. That is
 * the service's own data, so the platform has to show its token; a process without one makes no dry runs.
 */
export class DryRunEndpoint {
  readonly #runtime: ServiceRuntime;
  readonly #token: Secret | undefined;

  constructor(runtime: ServiceRuntime, token: Secret | undefined) {
    this.#runtime = runtime;
    this.#token = token;
  }

  /** @throws CloudEventError, or EbbError EBB_TOO_LARGE, for a message that cannot be read */
  async handle(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#isAllowed(request)) {
      sendProblem(response, problem(403, 'only the platform may ask for a dry run'));
      return;
    }
    const definition = this.#runtime.definition.functions.find((fn) => fn.name === name);
    if (!definition || request.method !== 'POST') {
      sendProblem(response, problem(404, `there is no function "${name}" here that takes ${request.method ?? ''}`));
      return;
    }
    const { events } = decodeHttp(request.headers, await readBody(request, MAX_BODY_BYTES));
    const [event] = events;
    const result =
      event && events.length === 1 ? await new FunctionRunner(definition, this.#runtime).dryRun(event) : undefined;
    if (result) sendReport(response, result);
    else
      sendProblem(
        response,
        problem(409, `a dry run of "${name}" is not possible, because its effects go outside of PostgreSQL`),
      );
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(String(headers[DRY_RUN_HEADER]));
    const expected = Buffer.from(this.#token?.reveal() ?? '');
    return expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  }
}

function sendReport(response: ServerResponse, { error, events, timers, cancelled, tables }: DryRun): void {
  const body = Buffer.from(
    JSON.stringify({
      outcome: outcomeOf(error),
      ...(error && { error: { name: error.name, message: messageOf(error), stack: error.stack } }),
      events,
      timers,
      cancelled,
      rows: tables,
    }),
  );
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

/** What would become of the event. */
function outcomeOf(error: Error | undefined): 'done' | 'parked' | 'retry' {
  if (!error) return 'done';
  return outcomeOfError(error).outcome === 'rejected' ? 'parked' : 'retry';
}
