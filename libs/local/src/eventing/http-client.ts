import { request as requestHttp, Agent as HttpAgent, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps, Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { TimeoutError } from '@ebb/core';
import { startDeadline } from './deadline.ts';
import type { HttpAnswer, HttpRequest } from './http-answer.ts';

/** An answer longer than an event may be is no reply; reading on would only cost memory. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Sends requests to subscribers that are plain URLs. */
export interface HttpClient {
  /** @throws EbbError when there is no answer in time: connection refused or lost, timeout */
  send(url: URL, request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export function createHttpClient(): HttpClient {
  const http = new HttpAgent({ keepAlive: true, keepAliveMsecs: 10_000 });
  const https = new HttpsAgent({ keepAlive: true, keepAliveMsecs: 10_000 });
  return {
    send: (url, request) => exchange(url, request, { http, https }),
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

async function exchange(
  url: URL,
  { method, headers, body, timeoutMs, signal }: HttpRequest,
  agents: { http: HttpAgent; https: HttpsAgent },
): Promise<HttpAnswer> {
  const deadline = startDeadline(timeoutMs, signal);
  const sized = { ...headers, ...lengthOf(method, body) };
  const options = { method, headers: sized, signal: deadline.signal, ...lookupFor(url) };
  try {
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, agent: agents.https })
        : requestHttp(url, { ...options, agent: agents.http });
    return await answerOf(request, body);
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.expired) throw new TimeoutError(`no answer from ${url.href} within ${timeoutMs} ms`, { cause: error });
    throw error;
  } finally {
    deadline.clear();
  }
}

function answerOf(request: ClientRequest, body: Buffer | undefined): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      bodyOf(response).then(
        (read) => resolve({ status: response.statusCode ?? 0, headers: flatten(response), ...read }),
        reject,
      );
    });
    request.end(body);
  });
}

async function bodyOf(response: IncomingMessage): Promise<Pick<HttpAnswer, 'body' | 'truncated'>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    chunks.push(chunk);
    // Leaving the loop ends the connection.
    if (bytes > MAX_ANSWER_BYTES) return { body: Buffer.concat(chunks), truncated: true };
  }
  return { body: Buffer.concat(chunks) };
}

function flatten(response: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

/** An event without data still says so: a POST without a length would be sent chunked. */
function lengthOf(method: string, body: Buffer | undefined): Record<string, string> {
  return method === 'POST' ? { 'content-length': String(body?.length ?? 0) } : {};
}

const loopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** Names below localhost are this machine (RFC 6761), but glibc and Node do not all resolve them. */
function lookupFor(url: URL): { lookup: LookupFunction } | Record<string, never> {
  return url.hostname.endsWith('.localhost') ? { lookup: loopback } : {};
}
