import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

import { EbbError, messageOf, parseJson, RetryableError, TimeoutError, type Json } from '@ebb/core';
import { readBody } from '@ebb/events';
import { activeSpan, traceparentOf } from '@ebb/telemetry';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the client's address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a Buffer goes as it is. */
  readonly body?: Json | Buffer;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON: check it before you trust it. @throws EbbError EBB_JSON */
  readonly json: () => Json;
}

export interface HttpClientOptions {
  /** From the call to the end of the answer. Default 10 s. */
  readonly timeoutMs?: number;
  /** An answer with a longer body is none. Default 16 MiB. */
  readonly maxAnswerBytes?: number;
}

/** Calls another service; the trace goes with the request. */
export interface HttpClient {
  /**
   * Sends a request. Any status is an answer.
   * @throws RetryableError when the request did not leave: no connection, so nothing happened
   * @throws TimeoutError, EbbError EBB_RUNTIME when there was no whole answer: nobody knows what happened
   */
  send(call: HttpCall): Promise<HttpReply>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 1_048_576;

/** A client for the service at an address, such as what a setting of `setting.service` gives. */
export function httpClient(address: string, options: HttpClientOptions = {}): HttpClient {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const base = new URL(address);
  const isSecure = base.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const request = isSecure ? requestHttps : requestHttp;
  return {
    async send({ method, path, headers = {}, body, signal }) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const payload = payloadOf(body);
      const url = new URL(path, base);
      const out = request(url, {
        method,
        agent,
        headers: { ...describing(payload, body), ...tracing(), ...headers },
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        ...(url.hostname.endsWith('.localhost') && { lookup: loopback }),
      });
      try {
        return await replyTo(out, payload, maxAnswerBytes);
      } catch (error) {
        signal?.throwIfAborted();
        if (deadline.aborted) throw new TimeoutError(`no answer from ${url.href} within ${timeoutMs} ms`);
        if (error instanceof EbbError) throw error;
        throw new EbbError('EBB_RUNTIME', `no answer from ${url.href}: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

async function replyTo(out: ClientRequest, payload: Buffer | undefined, maxBytes: number): Promise<HttpReply> {
  const response = await responseTo(out, payload);
  const text = (await readBody(response, maxBytes)).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: () => parseJson(text) };
}

/** The body is written once the connection stands: what fails before that has reached nobody. */
function responseTo(out: ClientRequest, payload: Buffer | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let hasLeft = false;
    const write = (): void => {
      hasLeft = true;
      out.end(payload);
    };
    out.once('socket', (socket) => (socket.connecting ? socket.once('connect', write) : write()));
    out.once('response', resolve);
    // Stays: an error after the headers shows at the response, too.
    out.on('error', (error) =>
      reject(
        hasLeft ? error : new RetryableError(`no connection to ${out.host}: ${messageOf(error)}`, { cause: error }),
      ),
    );
  });
}

function payloadOf(body: Json | Buffer | undefined): Buffer | undefined {
  return body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

function describing(payload: Buffer | undefined, body: Json | Buffer | undefined): Record<string, string> {
  if (!payload) return { 'content-length': '0' };
  return {
    'content-length': String(payload.length),
    ...(!Buffer.isBuffer(body) && { 'content-type': 'application/json' }),
  };
}

function tracing(): Record<string, string> {
  const span = activeSpan();
  return span ? { traceparent: traceparentOf(span) } : {};
}

/** Names below localhost are this machine (RFC 6761), but not every resolver knows. */
const loopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
