import { durationMs, type DurationString } from '@ebb/core';

/**
 * Why an event was not accepted, as one word. The Kafka data plane copies `kne-<x>` headers of a failure onto the dead
 * letter as the extension `<x>`; the names here are letters only and no attribute's, because any other name poisons the
 * Trigger for good.
 */
export type FailureReason =
  'retry' | 'timeout' | 'overloaded' | 'draining' | 'database' | 'schema' | 'terminal' | 'conflict';

const MAX_DETAIL_LENGTH = 200;

/** `kne-` headers that tell whoever opens the dead letter what happened; the detail is cut and made ASCII. */
export function failureHeaders(fn: string, reason: FailureReason, detail = ''): Record<string, string> {
  const text = headerText(detail);
  return {
    'kne-ebbfunction': fn,
    'kne-ebbreason': reason,
    ...(text !== '' && { 'kne-ebbdetail': text }),
  };
}

/** `Retry-After` in whole seconds, rounded up: earlier would be too early. */
export function retryAfterOf(after: DurationString | number | undefined): Record<string, string> {
  if (after === undefined) return {};
  const ms = typeof after === 'number' ? after : durationMs(after);
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) };
}

function headerText(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_DETAIL_LENGTH);
}
