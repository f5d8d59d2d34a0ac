import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../pipeline/answer.ts';
import type { KeptAnswer } from './kept-answer.ts';

/** What a 304 repeats of the answer that it stands for (RFC 9110, 15.4.5). */
const OF_NOT_MODIFIED = ['cache-control', 'content-location', 'date', 'etag', 'expires', 'vary'] as const;

/** The kept answer, or that the client has it already. */
export function answerFrom(kept: KeptAnswer, request: IncomingHttpHeaders, nowMs: number): Answer {
  const age = kept.age + Math.floor(Math.max(0, nowMs - kept.storedAtMs) / 1_000);
  if (hasIt(kept, request)) {
    const told = OF_NOT_MODIFIED.map((name) => [name, kept.headers[name]] as const);
    return { kind: 'answer', status: 304, headers: { ...Object.fromEntries(told), age } };
  }
  return { kind: 'answer', status: 200, headers: { ...kept.headers, age }, body: kept.body };
}

function hasIt({ etag, lastModifiedMs }: KeptAnswer, request: IncomingHttpHeaders): boolean {
  const match = request['if-none-match'];
  // With an entity tag the date does not count.
  if (match !== undefined) return match.trim() === '*' || tagsIn(match).includes(opaque(etag));
  const since = Date.parse(request['if-modified-since'] ?? '');
  return lastModifiedMs !== undefined && since >= lastModifiedMs;
}

function tagsIn(header: string): string[] {
  return [...header.matchAll(/(?:W\/)?("[^"]*")/g)].map(([, tag = '']) => tag);
}

/** Compared weakly: whether the bytes are the same is not asked. */
function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}
