import type { IncomingMessage, ServerResponse } from 'node:http';
import { EbbError, HttpProblem, messageOf, type Clock, type Logger, PROBLEM_CONTENT_TYPE } from '@ebb/core';
import {
  CloudEventError,
  decodeHttp,
  DEFAULT_LIMITS,
  readBody,
  type CodecLimits,
  type DecodedEvent,
} from '@ebb/events';
import { parseIngressPath } from '@ebb/knative';
import type { BrokerEntry, BrokerRegistry } from './broker-registry.ts';
import { startDeadline } from './deadline.ts';
import { decodeLeniently } from './lenient-codec.ts';
import type { Receiver } from './receiver.ts';
import type { TrapReports } from './trap-reports.ts';

/** A client that sends its body slower than this is given up, so that it cannot hold a connection for ever. */
const BODY_TIMEOUT_MS = 30_000;
const ROOT = '/broker';

export interface IngressOptions {
  readonly brokers: BrokerRegistry;
  readonly receiver: Receiver;
  readonly traps: TrapReports;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly limits?: Partial<CodecLimits> | undefined;
}

/** The HTTP side of the Brokers: `POST /broker/<namespace>/<name>`. */
export interface Ingress {
  /** Answers the request; false when its path is not the ingress's. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  /** Takes one CloudEvent message for a Broker. @throws HttpProblem */
  take(broker: BrokerEntry, message: IngressMessage): Promise<void>;
}

export interface IngressMessage {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly startedAtMs: number;
}

export function createIngress(options: IngressOptions): Ingress {
  const { brokers, receiver, traps, logger, clock } = options;
  const limits: CodecLimits = { ...DEFAULT_LIMITS, ...options.limits };

  const take = async (broker: BrokerEntry, { headers, body, startedAtMs }: IngressMessage): Promise<void> => {
    const decoded = decode(broker, headers, body, limits);
    if (isStructured(headers) && body.some((byte) => byte > 0x7f)) {
      traps.report(
        21,
        decoded.event.source,
        `${decoded.event.type} came in structured mode with non-ASCII text, which a cluster delivers as Latin-1: publish in binary mode`,
      );
    }
    const { traceparent, tracestate } = headers;
    await receiver.receive(broker, decoded, {
      startedAtMs,
      ...(typeof traceparent === 'string' && { traceparent }),
      ...(typeof tracestate === 'string' && { tracestate }),
    });
  };
  const answer = async (req: IncomingMessage, path: string): Promise<number> => {
    const startedAtMs = clock.now();
    const probe = req.method === 'GET' && req.headers['k-network-probe'] === 'probe';
    if (req.method !== 'POST' && !probe) throw notAllowed(req.method);
    const broker = brokerAt(path, brokers);
    if (probe) return 200;
    const body = await bodyOf(req, limits.maxBytes, broker, traps);
    await take(broker, { headers: req.headers, body, startedAtMs });
    return 202;
  };
  return {
    take,
    handle(req, res) {
      const path = pathOf(req);
      if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return false;
      answer(req, path).then(
        (status) => res.writeHead(status, { 'content-length': '0' }).end(),
        (error: unknown) => {
          // A client that went away is no fault of the ingress, and nobody is left to be told.
          if (!res.destroyed) refuse(req, res, asProblem(error, logger));
        },
      );
      return true;
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

function notAllowed(method = ''): HttpProblem {
  return new HttpProblem(405, `a broker takes events by POST, not by ${method}`, { headers: { allow: 'POST' } });
}

function brokerAt(path: string, brokers: BrokerRegistry): BrokerEntry {
  const address = parseIngressPath(path, ROOT);
  if (!address) throw new HttpProblem(404, `${path} is no broker's path: it is ${ROOT}/<namespace>/<name>`);
  const { namespace, name } = address;
  const broker = brokers.get(namespace, name);
  if (broker) return broker;
  const known = brokers.list().map((entry) => `${ROOT}/${entry.namespace}/${entry.name}`);
  const hint = known.length > 0 ? `; there are ${known.join(', ')}` : '; there is none';
  throw new HttpProblem(404, `there is no broker ${name} in namespace ${namespace}${hint}`);
}

async function bodyOf(
  req: IncomingMessage,
  maxBytes: number,
  broker: BrokerEntry,
  traps: TrapReports,
): Promise<Buffer> {
  const deadline = startDeadline(BODY_TIMEOUT_MS);
  try {
    return await readBody(req, maxBytes, deadline.signal);
  } catch (error) {
    if (deadline.expired) throw new HttpProblem(408, `the body did not arrive within ${BODY_TIMEOUT_MS / 1_000} s`);
    if (!(error instanceof EbbError) || error.code !== 'EBB_TOO_LARGE') throw error;
    traps.report(18, `broker ${broker.name}`, `an event over ${maxBytes} bytes was published`);
    const detail = `the event is over ${maxBytes} bytes (trap 18: a cluster answers 503, which a publisher retries for ever)`;
    throw new HttpProblem(413, detail);
  } finally {
    deadline.clear();
  }
}

/** The strict codec decides; what only Knative's leniency accepts is taken unless the Broker enforces schemas. */
function decode(
  broker: BrokerEntry,
  headers: IncomingMessage['headers'],
  body: Buffer,
  limits: CodecLimits,
): DecodedEvent {
  try {
    const { mode, events } = decodeHttp(headers, body, limits);
    const [event] = events;
    if (mode === 'batch') throw new CloudEventError('a broker takes one event per request, not a batch');
    if (!event) throw new CloudEventError('the request carries no event');
    return event;
  } catch (error) {
    if (broker.enforcesSchemas || isBatch(headers) || !(error instanceof CloudEventError) || error.status !== 400) {
      throw error;
    }
    return decodeLeniently(headers, body);
  }
}

function isBatch(headers: IncomingMessage['headers']): boolean {
  return /^application\/cloudevents-batch/i.test(headers['content-type'] ?? '');
}

function isStructured(headers: IncomingMessage['headers']): boolean {
  return /^application\/cloudevents/i.test(headers['content-type'] ?? '');
}

/** What to answer for an error. */
export function asProblem(error: unknown, logger: Logger): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CloudEventError) {
    const { attribute, status, message } = error;
    return new HttpProblem(status, message, attribute === undefined ? {} : { extensions: { attribute } });
  }
  if (error instanceof EbbError && error.code === 'EBB_JSON') return new HttpProblem(400, error.message);
  if (error instanceof EbbError && error.code === 'EBB_TOO_LARGE') return new HttpProblem(413, error.message);
  logger.error({ reason: messageOf(error) }, 'the broker ingress failed');
  return new HttpProblem(500, 'the broker could not take the event');
}

function refuse(req: IncomingMessage, res: ServerResponse, { problem, headers }: HttpProblem): void {
  const body = Buffer.from(JSON.stringify(problem));
  // What is left of the body would be taken for the next request: the connection ends with this answer.
  const closing = req.complete ? {} : { connection: 'close' };
  res
    .writeHead(problem.status, {
      'content-type': PROBLEM_CONTENT_TYPE,
      'content-length': String(body.length),
      ...closing,
      ...headers,
    })
    .end(body);
  if (!req.complete) req.resume();
}
