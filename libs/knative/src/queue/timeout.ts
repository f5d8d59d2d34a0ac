/** What the queue proxy writes when a request runs into a time limit, whichever of the three it is. */
export const TIMEOUT_TEXT = 'request timeout';

/** How a request ends that took too long. */
export interface TimeoutAnswer {
  /** Absent when headers are out already: their status stays. */
  readonly status?: 504;
  readonly text: string;
}

/** Once headers are out, the text is appended and the stream ends cleanly: to a client a cut stream looks like a success. */
export function timeoutAnswer(areHeadersSent: boolean): TimeoutAnswer {
  return areHeadersSent ? { text: TIMEOUT_TEXT } : { status: 504, text: TIMEOUT_TEXT };
}

/** The limits of a request, from a template; 0: none. */
export interface RequestLimits {
  readonly timeoutMs: number;
  readonly responseStartTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** When a request has to end, given what has happened to it so far; times in milliseconds, undefined where it has not. */
export function requestDeadlineMs(
  { timeoutMs, responseStartTimeoutMs, idleTimeoutMs }: RequestLimits,
  { startedAt, firstByteAt, lastByteAt }: { startedAt: number; firstByteAt?: number; lastByteAt?: number },
): number {
  const ends = [startedAt + timeoutMs];
  if (responseStartTimeoutMs > 0 && firstByteAt === undefined) ends.push(startedAt + responseStartTimeoutMs);
  if (idleTimeoutMs > 0) ends.push((lastByteAt ?? startedAt) + idleTimeoutMs);
  return Math.min(...ends);
}
