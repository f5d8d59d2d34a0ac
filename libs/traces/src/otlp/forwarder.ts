import { Agent, request as requestHttp } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { EbbError, messageOf, silentLogger, systemClock, type Logger } from '@ebb/core';

/** Passes export requests on to a real collector, beside what is stored here. */
export interface Forwarder {
  /** Queues a request's body; never waits. The oldest go when the queue is full. */
  forward(contentType: string, body: Buffer): void;
  /** Tries for a moment to empty the queue, then drops what is left. */
  close(): Promise<void>;
}

export interface ForwarderOptions {
  readonly logger?: Logger;
  /** Bytes that may wait. Default 16 MiB. */
  readonly maxQueuedBytes?: number;
}

interface Queued {
  readonly contentType: string;
  readonly body: Buffer;
}

const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
const CLOSE_MS = 1_000;
/** The answers that OTLP calls retryable; any other is final. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * A forwarder to a collector's base URL, such as http://collector:4318; one request is under way at a time.
 * @throws EbbError EBB_CONFIG when it is no http(s) URL
 */
export function forwarderTo(endpoint: string, options: ForwarderOptions = {}): Forwarder {
  const { logger = silentLogger, maxQueuedBytes = MAX_QUEUED_BYTES } = options;
  const post = poster(endpoint);
  const queue: Queued[] = [];
  const closing = new AbortController();
  let queuedBytes = 0;
  let warned = false;
  let working: Promise<void> | undefined;

  const shift = (): Queued | undefined => {
    const first = queue.shift();
    queuedBytes -= first?.body.byteLength ?? 0;
    return first;
  };
  const failed = (error: unknown): void => {
    if (!warned) logger.warn({ endpoint }, `traces cannot be forwarded: ${messageOf(error)}`);
    warned = true;
  };
  const work = async (): Promise<void> => {
    let retryMs = FIRST_RETRY_MS;
    for (let next = shift(); next && !closing.signal.aborted; next = shift()) {
      try {
        const status = await post(next, closing.signal);
        if (RETRYABLE.has(status)) throw new Error(`it answered ${status}`);
        if (status >= 300) failed(new Error(`it answered ${status}`));
        else warned = false;
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        failed(error);
        queue.unshift(next);
        queuedBytes += next.body.byteLength;
        await systemClock.sleep(retryMs, closing.signal).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
    working = undefined;
  };

  return {
    forward(contentType, body) {
      if (closing.signal.aborted || body.byteLength > maxQueuedBytes) return;
      queue.push({ contentType, body });
      queuedBytes += body.byteLength;
      while (queuedBytes > maxQueuedBytes) shift();
      working ??= work();
    },
    async close() {
      const grace = setTimeout(() => closing.abort(new Error('closed')), CLOSE_MS);
      await working;
      clearTimeout(grace);
      closing.abort(new Error('closed'));
      post.close();
    },
  };
}

interface Post {
  (queued: Queued, signal: AbortSignal): Promise<number>;
  close(): void;
}

function poster(endpoint: string): Post {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new EbbError('EBB_CONFIG', `"${endpoint}" is no collector: write it like http://127.0.0.1:4318`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  const secure = url.protocol === 'https:';
  const agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const request = secure ? requestHttps : requestHttp;
  const post = ({ contentType, body }: Queued, closing: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
      const headers = { 'content-type': contentType, 'content-length': body.byteLength };
      const outgoing = request(url, { method: 'POST', agent, headers, signal }, (response) => {
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
        response.resume();
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return Object.assign(post, { close: () => agent.destroy() });
}
