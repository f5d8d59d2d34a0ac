import type { IncomingMessage, ServerResponse } from 'node:http';

import { problem } from '@ebb/core';
import { decodeHttp, readBody, type DecodedEvent } from '@ebb/events';

import type { FunctionDefinition } from '../definition/function.ts';
import { FunctionRunner } from './function-runner.ts';
import { MAX_BODY_BYTES } from './body-limit.ts';
import { Limiter, OverloadedError } from './limiter.ts';
import { answerOf, type Outcome } from './outcome.ts';
import { sendProblem } from './problems.ts';
import type { ServiceRuntime } from './runtime.ts';

export const FUNCTIONS_PREFIX = '/functions/';
export const SCHEDULES_PREFIX = '/schedules/';

/** One function with the slots that it runs in. */
interface Endpoint {
  readonly runner: FunctionRunner;
  readonly limiter: Limiter;
}

/** `POST /functions/<name>`, and `/schedules/<name>`: CloudEvents in, an empty 204 or a problem out. */
export class EventEndpoint {
  readonly #kind: string;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #onPoint: ServiceRuntime['onPoint'];

  /** `kind` is what a person calls the functions that are found here by their names. */
  constructor(kind: string, functions: ReadonlyMap<string, FunctionDefinition>, runtime: ServiceRuntime) {
    this.#kind = kind;
    this.#onPoint = runtime.onPoint;
    this.#endpoints = new Map(
      [...functions].map(([name, fn]) => [
        name,
        { runner: new FunctionRunner(fn, runtime), limiter: new Limiter(fn.concurrency) },
      ]),
    );
  }

  /** @throws CloudEventError, or EbbError EBB_TOO_LARGE, for a message that cannot be read */
  async handle(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = this.#endpoints.get(name);
    if (!endpoint) {
      sendProblem(response, problem(404, `there is no ${this.#kind} "${name}" here`));
      return;
    }
    if (request.method !== 'POST') {
      sendProblem(response, problem(405, 'events are sent with POST'), { allow: 'POST' });
      return;
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    const { events } = decodeHttp(request.headers, body);
    if (this.#onPoint) await this.#onPoint('received');
    let outcome: Outcome;
    try {
      await endpoint.limiter.enter();
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      answer(name, { outcome: 'retry', error }, response);
      return;
    }
    try {
      // Nobody waits for the answer any more: an event that has not begun is not begun, the broker sends it again.
      outcome = response.destroyed ? { outcome: 'conflict' } : await processAll(endpoint.runner, events, request);
    } finally {
      endpoint.limiter.leave();
    }
    if (this.#onPoint) await this.#onPoint('before-answer');
    answer(name, outcome, response);
  }
}

function answer(fn: string, outcome: Outcome, response: ServerResponse): void {
  const failure = answerOf(fn, outcome);
  if (failure) sendProblem(response, failure.problem, failure.headers);
  else response.writeHead(204).end();
}

function processAll(
  runner: FunctionRunner,
  events: readonly DecodedEvent[],
  request: IncomingMessage,
): Promise<Outcome> {
  const hop = headerOf(request, 'traceparent');
  const [first] = events;
  return first && events.length === 1 ? runner.process(first, hop, request.headers) : runner.processBatch(events, hop);
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
