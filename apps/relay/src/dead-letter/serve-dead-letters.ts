import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EbbError, HttpProblem, messageOf, problem, PROBLEM_CONTENT_TYPE, type Logger, type Secret } from '@ebb/core';
import { CloudEventError, decodeHttp, readBody } from '@ebb/events';
import type { ListenAddress, Metric, Metrics } from '@ebb/function';
import { parkDeadLetter, type DeadLetterEvent } from '@ebb/postgres/parked';
import { parseTraceparent } from '@ebb/telemetry';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import pg from 'pg';
import { destinationOf, letterOf, type Destination } from './letter.ts';
import { unreadableOf } from './unreadable.ts';

export interface DeadLettersOptions {
  readonly config: {
    readonly DATABASE_URL: Secret;
    readonly OUTBOX_SCHEMAS: readonly string[];
    readonly ANSWER_TIMEOUT: number;
  };
  readonly listen: ListenAddress;
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** Of its own: many letters at once must not keep the relay from its work. */
const CONNECTIONS = 4;
/** An event has 1 MiB at the most, and the broker adds to it. What is refused here is lost. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Takes dead letters until the signal is aborted, and finishes those in hand. Never rejects: events are published all the same. */
export async function serveDeadLetters(options: DeadLettersOptions): Promise<void> {
  const { config, listen, log: logger, signal } = options;
  if (signal.aborted) return;
  const pool = poolOf(config);
  const taker = new LetterTaker(options, pool);
  const server = createServer((request, response) => void taker.handle(request, response));
  const closed = new Promise<void>((resolve) => server.on('close', resolve).on('error', () => resolve()));
  server.on('error', (error) => logger.error({ err: error }, `no dead letters are taken: ${messageOf(error)}`));
  server.listen(listen.port, listen.host, () => {
    logger.info({ port: (server.address() as AddressInfo).port }, 'dead letters are taken');
  });
  signal.addEventListener('abort', () => stop(server, config.ANSWER_TIMEOUT), { once: true });
  await closed;
  await pool.end().catch(() => undefined);
}

/** Each letter in hand is answered, unless PostgreSQL does not answer. */
function stop(server: Server, patienceMs: number): void {
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
  server.on('close', () => clearTimeout(timer));
  server.close();
  server.closeIdleConnections();
}

function poolOf({ DATABASE_URL, ANSWER_TIMEOUT }: DeadLettersOptions['config']): pg.Pool {
  const pool = new pg.Pool({
    connectionString: DATABASE_URL.reveal(),
    application_name: 'ebb-dead-letters',
    max: CONNECTIONS,
    query_timeout: ANSWER_TIMEOUT,
    connectionTimeoutMillis: ANSWER_TIMEOUT,
  });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  return pool;
}

/** Parks what brokers gave up on. Whatever goes wrong here is answered so that the broker comes again. */
class LetterTaker {
  readonly #options: DeadLettersOptions;
  readonly #pool: pg.Pool;
  readonly #taken: Metric;

  constructor(options: DeadLettersOptions, pool: pg.Pool) {
    this.#options = options;
    this.#pool = pool;
    this.#taken = options.metrics.define('counter', 'ebb_dead_letters_total', 'Events that brokers gave up on.');
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#take(request, this.#destinationOf(request));
      response.writeHead(204).end();
    } catch (error) {
      const answer = problemOf(error);
      this.#options.log.error(
        { err: error, path: request.url, ...placeOf(request) },
        `a dead letter was not taken: ${messageOf(error)}`,
      );
      // What is left of the body is not read.
      response.writeHead(answer.status, { 'content-type': PROBLEM_CONTENT_TYPE, connection: 'close' });
      response.end(JSON.stringify(answer));
    }
  }

  #destinationOf({ method, url = '/' }: IncomingMessage): Destination {
    const destination = destinationOf(url);
    // A relay of an earlier version does not know a new service yet, and a broker tries a 404 again.
    if (!destination || !this.#options.config.OUTBOX_SCHEMAS.includes(destination.schema)) {
      throw new HttpProblem(404, 'the path is /dead-letters/<schema>/<service>/<function>, of a schema with an outbox');
    }
    if (method !== 'POST') throw new HttpProblem(405, 'dead letters are sent by POST');
    return destination;
  }

  async #take(request: IncomingMessage, destination: Destination): Promise<void> {
    const letter = letterIn(request, destination, await readBody(request, MAX_BYTES));
    const { schema, service, fn } = destination;
    const { id, type, traceparent, tracestate } = letter.event.event;
    const span = this.#options.tracer.startSpan(
      `park dead letter of ${service}/${fn}`,
      { kind: SpanKind.CONSUMER, attributes: { 'cloudevents.event_id': id, 'cloudevents.event_type': type } },
      contextOf(traceparent, tracestate),
    );
    try {
      await parkDeadLetter(this.#pool, schema, letter);
      this.#taken.add({ service, function: fn });
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** @throws HttpProblem when it is nothing that a broker sends */
function letterIn({ headers }: IncomingMessage, destination: Destination, body: Buffer): DeadLetterEvent {
  try {
    const [decoded] = decodeHttp(headers, body, { maxBytes: MAX_BYTES }).events;
    if (decoded) return letterOf(destination, decoded);
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    if (headers['ce-specversion'] !== undefined) return unreadableOf(destination, headers, body, error.message);
  }
  throw new HttpProblem(400, 'there is no event in the request');
}

/** Where to find the event, should the broker not come again. */
function placeOf({ headers }: IncomingMessage): Readonly<Record<string, unknown>> {
  const { 'ce-id': id, 'ce-knativekafkapartition': partition, 'ce-knativekafkaoffset': offset } = headers;
  return { id, partition, offset };
}

function contextOf(traceparent: string | undefined, tracestate: string | undefined) {
  const parent = parseTraceparent(traceparent, tracestate);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function problemOf(error: unknown) {
  if (error instanceof HttpProblem) return error.problem;
  if (error instanceof EbbError && error.code === 'EBB_TOO_LARGE') return problem(413, error.message);
  // The database is away, or a process is still at work on the event.
  return problem(503, 'try again later');
}
