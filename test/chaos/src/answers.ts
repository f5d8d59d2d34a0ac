import type { HttpResult } from '@ebb/testing/local';
import type { Outcome } from './ledger.ts';

/** How one request ended. */
export type Answer = { readonly kind: 'answered'; readonly result: HttpResult } | { readonly kind: 'silence' };

/** What a gateway says of a server behind it that died or hangs. */
const GATEWAY = [502, 504];
const UNAVAILABLE = 503;

/** What an answer promises. */
export function outcomeOf(answer: Answer): Outcome {
  if (answer.kind === 'silence') return 'unknown';
  const { status } = answer.result;
  if (status < 300) return 'promised';
  return status < 500 ? 'refused' : 'unknown';
}

/** Why no client should ever get this answer; undefined when it is a proper one. `proper`: what may be said besides success and an outage. */
export function complaintAbout(answer: Answer, proper: readonly number[] = []): string | undefined {
  if (answer.kind === 'silence') return undefined;
  const { status, headers, body } = answer.result;
  if (status < 300 || GATEWAY.includes(status) || proper.includes(status)) return undefined;
  if (status !== UNAVAILABLE) return `${status}: ${body}`;
  const retryAfter = headers['retry-after'];
  return /^\d+$/.test(retryAfter ?? '') ? undefined : `503 without Retry-After: ${body}`;
}

/** How long the answer asks to wait, in milliseconds. */
export function waitAsked(answer: Answer): number | undefined {
  if (answer.kind === 'silence') return undefined;
  const seconds = Number(answer.result.headers['retry-after']);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
