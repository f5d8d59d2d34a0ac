import { Agent, request as requestHttp, type IncomingMessage } from 'node:http';

export interface OtlpSender {
  /** Posts a request in OTLP's JSON mapping. Rejects when the receiver cannot be reached in time or does not accept it. */
  send(body: Uint8Array): Promise<void>;
  close(): void;
}

/**
 * Posts to an OTLP/HTTP receiver over one kept-alive connection.
 * The exporter package does it too, but costs 3.5 ms more to load and holds a drain up with its retries.
 */
export async function otlpSender(url: URL, timeoutMs: number): Promise<OtlpSender> {
  const secure = url.protocol === 'https:' ? await import('node:https') : undefined;
  const agent = secure ? new secure.Agent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const request = secure ? secure.request : requestHttp;

  const post = (body: Uint8Array, mayRetry: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.byteLength };
      // The timeout of a request only watches for silence; the signal bounds the whole of it.
      const signal = AbortSignal.timeout(timeoutMs);
      const outgoing = request(url, { method: 'POST', agent, headers, signal }, (response) => {
        finish(response).then(resolve, reject);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver had closed the idle connection at the very moment of its reuse.
        if (mayRetry && outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(post(body, false));
        else reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error);
      });
      outgoing.end(body);
    });

  return { send: (body) => post(body, true), close: () => agent.destroy() };
}

/** Reads the answer to its end, so that the connection can be used again. */
function finish(response: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const status = response.statusCode ?? 0;
    response.on('error', reject);
    response.on('end', () => {
      if (status >= 200 && status < 300) resolve();
      else reject(new Error(`the receiver answered ${status}`));
    });
    response.resume();
  });
}
