import { problem, type Problem } from '@ebb/core';

/** Why a request is not let through: a label of the metrics, a word in the access log. */
export type RefusalReason =
  | 'malformed'
  | 'unmatched'
  | 'method'
  | 'too-large'
  | 'cors'
  | 'client-limit'
  | 'user-limit'
  | 'unauthenticated'
  | 'forbidden'
  | 'webhook'
  | 'circuit-open'
  | 'unreachable'
  | 'timeout'
  | 'upgrade'
  | 'internal';

/** An answer that the gateway gives instead of the upstream: a problem document (RFC 9457), and headers beside it. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly reason: RefusalReason;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RefusalOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the problem document besides those that RFC 9457 names. */
  readonly extensions?: Omit<Partial<Problem>, 'status' | 'detail'>;
}

/** @param detail for whoever sent the request: what is wrong and what to do; it holds nothing secret */
export function refusal(
  reason: RefusalReason,
  status: number,
  detail: string,
  { headers = {}, extensions }: RefusalOptions = {},
): Refusal {
  return { kind: 'refusal', reason, problem: problem(status, detail, extensions), headers };
}
