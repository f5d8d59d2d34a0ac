import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem, messageOf, PROBLEM_CONTENT_TYPE } from '@ebb/core';
import { TIMEOUT_TEXT } from '@ebb/knative';
import { parseTraceparent } from '@ebb/telemetry';
import type { SpanContext } from '@opentelemetry/api';
import { Call, type CallOptions } from './call.ts';
import { answeredHeaders, forwardedHeaders } from './forwarded-headers.ts';

type Target = Pick<CallOptions, 'service' | 'route' | 'tracer'> & { readonly kind: 'service' | 'worker' };

/** Streams a client's request to a service, and the answer back. Resolves when the answer has begun; never rejects. */
export async function streamCall(target: Target, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const call = new Call({
    ...target,
    heldBytes: 0,
    parent: () => parentOf(req),
    outgoing: (traceparent) => ({
      method: req.method ?? 'GET',
      path: req.url ?? '/',
      headers: forwardedHeaders(req.rawHeaders, { client: req.socket.remoteAddress, traceparent, to: target.kind }),
      writeBody: (out) => sendBody(req, out, call),
    }),
  });
  res.once('close', () => {
    if (!res.writableFinished) call.cancel(new Error('the client went away'));
  });
  try {
    sendAnswer(await call.run(), res, call);
  } catch (error) {
    refuse(res, error);
  }
}

/** Answers with a problem document, where an answer is still possible. */
export function refuse(res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const { problem, headers } =
    error instanceof HttpProblem ? error : new HttpProblem(502, `the request failed: ${messageOf(error)}`);
  const body = Buffer.from(JSON.stringify(problem));
  res.writeHead(problem.status, { ...headers, 'content-type': PROBLEM_CONTENT_TYPE, 'content-length': body.length });
  res.end(body);
}

function parentOf(req: IncomingMessage): SpanContext | undefined {
  const { traceparent, tracestate } = req.headers;
  return parseTraceparent(single(traceparent), single(tracestate));
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

function sendBody(req: IncomingMessage, out: ClientRequest, call: Call): void {
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) {
    out.end();
    return;
  }
  req.on('data', () => call.touch());
  // Of a body that is still to come, the headers go ahead: the service may have something to say before.
  if (req.readableLength === 0) out.flushHeaders();
  req.pipe(out);
  // The answer may come before the body has been read; what is left of it has nowhere to go.
  out.once('close', () => {
    req.unpipe(out);
    req.resume();
  });
}

function sendAnswer(answer: IncomingMessage, res: ServerResponse, call: Call): void {
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answeredHeaders(answer.rawHeaders));
  answer.on('data', () => call.touch());
  answer.on('error', () => undefined);
  answer.once('close', () => {
    if (answer.complete || res.writableEnded) return;
    // A timeout ends the stream cleanly, as queue-proxy does; a lost connection must not look like a whole answer.
    const isTimeout = call.cancelled instanceof HttpProblem && answer.headers['content-length'] === undefined;
    if (isTimeout) res.end(TIMEOUT_TEXT);
    else res.destroy();
  });
  answer.pipe(res);
}
