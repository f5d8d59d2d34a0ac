import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { messageOf } from '@ebb/core';

import type { HttpExchange } from '../pipeline/http-exchange.ts';
import type { Refusal } from '../pipeline/refusal.ts';
import type { Attempted } from './breaker.ts';

/** What became of one attempt to have a request answered. */
export type Outcome = Attempted &
  (
    | { readonly kind: 'answer'; readonly answer: IncomingMessage }
    | { readonly kind: 'upgraded'; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
    | {
        readonly kind: 'failed';
        readonly failure: UpstreamFailure;
        /** Nothing of the request can have been worked on, or nothing changes when it is worked on again. */
        readonly isRetryable: boolean;
        readonly detail: string;
      }
    /** It was the client's doing. */
    | { readonly kind: 'stopped'; readonly refusal?: Refusal }
  );

export type UpstreamFailure = 'refused' | 'reset' | 'timeout' | 'invalid';

export interface AttemptOptions {
  readonly exchange: HttpExchange;
  /** Nothing of it was sent yet. */
  readonly out: ClientRequest;
  readonly timeoutMs: number;
  readonly clientTooSlow: () => Refusal;
}

/** The same effect however often it is done (RFC 9110, 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** There was no connection: nothing was sent. */
const UNREACHED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
const FIRST_FAILURE_STATUS = 500;
/** Says what the upstream cannot do, not that it is unwell. */
const NOT_IMPLEMENTED = 501;

/** Sends the request, and resolves when the answer begins, or when there will be none. Never rejects. */
export function attempt({ exchange, out, timeoutMs, clientTooSlow }: AttemptOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const stop = (refusal?: Refusal): void => {
      settle({ kind: 'stopped', isFailure: false, ...(refusal && { refusal }) });
      out.destroy();
    };
    const timer = setTimeout(() => {
      // Who is too slow: the client with its request, or the upstream with its answer?
      if (exchange.body.isPresent && !exchange.body.isComplete) stop(clientTooSlow());
      else {
        settle(failed('timeout', `no answer within ${timeoutMs} ms`));
        out.destroy();
      }
    }, timeoutMs);
    out.once('response', (answer) => settle({ kind: 'answer', answer, isFailure: isUnwell(answer.statusCode) }));
    out.once('upgrade', (answer, socket, head) => settle({ kind: 'upgraded', answer, socket, head, isFailure: false }));
    // Stays for what comes after the answer began: whoever reads the answer sees that it is cut.
    out.on('error', (error) => settle(failureOf(error, out, exchange)));
    exchange.onAbort(() => stop());
    if (exchange.body.isPresent) {
      exchange.body.sendTo(out, { onChunk: () => exchange.touch(), onTooLarge: () => stop(exchange.body.tooLarge) });
    } else out.end();
  });
}

function isUnwell(status = 0): boolean {
  return status >= FIRST_FAILURE_STATUS && status !== NOT_IMPLEMENTED;
}

function failureOf(error: NodeJS.ErrnoException, out: ClientRequest, { method, body }: HttpExchange): Outcome {
  const { code = '' } = error;
  const detail = messageOf(error);
  if (UNREACHED.has(code)) return failed('refused', detail);
  if (code.startsWith('HPE_')) return failed('invalid', detail);
  // The other side closes a connection that waited for long in the same moment in which it is used again.
  const isStale = out.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
  return failed('reset', detail, isStale && !body.isPresent && IDEMPOTENT.has(method));
}

function failed(failure: UpstreamFailure, detail: string, isRetryable = false): Outcome {
  return { kind: 'failed', failure, detail, isRetryable, isFailure: !isRetryable };
}
