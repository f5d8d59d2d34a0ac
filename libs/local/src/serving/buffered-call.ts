import type { IncomingMessage } from 'node:http';
import { HttpProblem, PROBLEM_CONTENT_TYPE, TimeoutError, humanDuration } from '@ebb/core';
import { TIMEOUT_TEXT } from '@ebb/knative';
import { parseTraceparent } from '@ebb/telemetry';
import { Call, type CallOptions } from './call.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import type { ServingRequest, ServingResponse } from './serving.ts';

/** An answer to this process is held in memory, so there is a limit to it. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

type Target = Pick<CallOptions, 'service' | 'route' | 'tracer'>;

/** Sends a request of this process and reads the whole answer. @see Serving.request */
export async function bufferedCall(target: Target, request: ServingRequest): Promise<ServingResponse> {
  const { signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const call = new Call({
    ...target,
    heldBytes: request.body?.length ?? 0,
    parent: () => request.parent ?? parseTraceparent(request.headers.traceparent, request.headers.tracestate),
    outgoing: (traceparent) => ({
      method: request.method,
      path: request.path,
      headers: forwardedHeaders(rawHeaders(request, target.service), { traceparent }),
      writeBody: (out) => out.end(request.body),
    }),
  });
  const onAbort = (): void => call.cancel(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => call.cancel(tooLate(target.service, timeoutMs)), timeoutMs);
  try {
    return await readAnswer(await call.run(), call);
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return problemAnswer(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

export function problemAnswer({ problem, headers }: HttpProblem): ServingResponse {
  return {
    status: problem.status,
    headers: { ...headers, 'content-type': PROBLEM_CONTENT_TYPE },
    body: Buffer.from(JSON.stringify(problem)),
  };
}

function rawHeaders({ headers, body, method }: ServingRequest, service: string): string[] {
  const raw = Object.entries(headers).flat();
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  if (!names.has('host')) raw.push('Host', `${service}.localhost`);
  const hasBody = body !== undefined || !['GET', 'HEAD'].includes(method);
  if (hasBody && !names.has('content-length')) raw.push('Content-Length', String(body?.length ?? 0));
  return raw;
}

async function readAnswer(answer: IncomingMessage, call: Call): Promise<ServingResponse> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    call.touch();
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      call.cancel(new HttpProblem(502, `the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
    }
  });
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('close', resolve));
  if (!answer.complete) chunks.push(endOfCut(call));
  return { status: answer.statusCode ?? 502, headers: singleHeaders(answer), body: Buffer.concat(chunks) };
}

/** As queue-proxy does: a timeout after the answer began leaves its status, and says so only at the end of the text. */
function endOfCut(call: Call): Buffer {
  if (call.cancelled === undefined) throw new HttpProblem(502, 'the service ended before its answer was complete');
  const isTimeout = call.cancelled instanceof HttpProblem && call.cancelled.problem.status === 504;
  if (!isTimeout) throw call.cancelled;
  return Buffer.from(TIMEOUT_TEXT);
}

function singleHeaders({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function tooLate(service: string, timeoutMs: number): TimeoutError {
  return new TimeoutError(`${service} did not answer within ${humanDuration(timeoutMs)}`);
}
