import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { EbbError, messageOf, silentLogger, type Logger } from '@ebb/core';
import { readBody } from '@ebb/events';
import { OtlpError } from '../errors.ts';
import type { TraceStore } from '../store/store.ts';
import { errorAnswer, successAnswer, type Answer } from './answer.ts';
import { decodeRequest, encodingOf, unsupported, type OtlpEncoding } from './decode.ts';
import { forwarderTo, type Forwarder } from './forwarder.ts';

export interface OtlpHandlerOptions {
  /** A collector that gets every accepted request too: its base URL, or a forwarder that the caller closes. */
  readonly forwardTo?: string | Forwarder;
  readonly logger?: Logger;
}

/** A request listener for POST /v1/traces. */
export interface OtlpHandler {
  (request: IncomingMessage, response: ServerResponse): void;
  /** Ends forwarding: waits a moment for what is queued, then drops it. */
  close(): Promise<void>;
}

/** Of a body, before and after decompression. */
const MAX_BYTES = 4 * 1024 * 1024;
const BODY_TIMEOUT_MS = 10_000;

/** Receives traces over OTLP/HTTP, in protobuf or JSON, plain or gzip, and writes them to the store. */
export function otlpHandler(store: TraceStore, options: OtlpHandlerOptions = {}): OtlpHandler {
  const { forwardTo, logger = silentLogger } = options;
  const own = typeof forwardTo === 'string' ? forwarderTo(forwardTo, { logger }) : undefined;
  const forwarder = typeof forwardTo === 'string' ? own : forwardTo;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Errors before the encoding is known are for a person with curl.
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    try {
      const body = await receive(request);
      const { spans, rejected, reason } = decodeRequest(encoding, body);
      await stored(store, spans);
      forwarder?.forward(encoding === 'json' ? 'application/json' : 'application/x-protobuf', body);
      answer(response, 200, successAnswer(encoding, rejected, reason));
    } catch (error) {
      refuse(response, encoding, error, logger);
    }
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void handle(request, response);
  };
  return Object.assign(listener, { close: async () => own?.close() });
}

/** A refusal that is decided before the body is looked at. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

async function receive(request: IncomingMessage): Promise<Buffer> {
  const [path] = (request.url ?? '/').split('?');
  if (path !== '/v1/traces') throw new Refusal(404, `${path} is not received here: only traces are, at /v1/traces`);
  if (request.method !== 'POST') throw new Refusal(405, 'use POST', { allow: 'POST' });
  const contentType = request.headers['content-type'];
  if (!encodingOf(contentType)) throw unsupported(contentType);
  const compression = request.headers['content-encoding'] ?? 'identity';
  if (compression !== 'identity' && compression !== 'gzip') {
    throw new OtlpError(415, `"${compression}" is no content encoding of OTLP: use gzip or none`);
  }
  const body = await readBody(request, MAX_BYTES, AbortSignal.timeout(BODY_TIMEOUT_MS));
  return compression === 'gzip' ? unpack(body) : body;
}

const unzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

async function unpack(body: Buffer): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge)
      throw new OtlpError(413, `the body is larger than ${MAX_BYTES} bytes when unpacked`, { cause: error });
    throw new OtlpError(400, `the body is not gzip: ${messageOf(error)}`, { cause: error });
  }
}

async function stored(store: TraceStore, spans: Parameters<TraceStore['write']>[0]): Promise<void> {
  try {
    if (spans.length > 0) await store.write(spans);
  } catch (error) {
    // 503 tells the sender that the same request may succeed later.
    throw new Refusal(503, `the trace store is not available: ${messageOf(error)}`, { 'retry-after': '1' });
  }
}

function refuse(response: ServerResponse, encoding: OtlpEncoding, error: unknown, logger: Logger): void {
  const status = statusOf(error);
  if (status >= 500) logger.warn({ err: error }, 'traces were not received');
  const headers = error instanceof Refusal ? error.headers : {};
  answer(response, status, errorAnswer(encoding, status, messageOf(error)), headers);
}

function statusOf(error: unknown): number {
  if (error instanceof OtlpError || error instanceof Refusal) return error.status;
  if (error instanceof EbbError && error.code === 'EBB_TOO_LARGE') return 413;
  // What AbortSignal.timeout aborts with.
  return error instanceof Error && error.name === 'TimeoutError' ? 408 : 500;
}

function answer(response: ServerResponse, status: number, { contentType, body }: Answer, headers = {}): void {
  if (response.destroyed || response.headersSent) return;
  // What is left of a refused body would otherwise be read as the next request's beginning.
  const connection = status === 413 || status === 408 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': contentType, 'content-length': body.length, ...connection, ...headers });
  response.end(body);
}
