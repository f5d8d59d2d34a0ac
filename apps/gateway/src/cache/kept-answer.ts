import { createHash } from 'node:crypto';
import type { AnswerHead, AnswerHeaders } from '../pipeline/answer.ts';
import { ageOf, textOf } from './storable.ts';

/** An answer that is kept for whoever asks the same. */
export interface KeptAnswer {
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModifiedMs: number | undefined;
  /** In seconds, when it was stored. */
  readonly age: number;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
  /** What makes it wrong. */
  readonly tags: readonly string[];
}

/** About the one request that it answered, or given anew with each answer. */
const NOT_KEPT =
  /^(?:age|content-length|x-request-id|traceparent|tracestate|server-timing|ratelimit.*|access-control-.*)$/;
const PER_HEADER_BYTES = 64;

export interface KeepOptions {
  readonly head: AnswerHead;
  readonly body: Buffer;
  readonly tags: readonly string[];
  readonly nowMs: number;
  readonly lifetimeMs: number;
}

export function keptAnswer({ head, body, tags, nowMs, lifetimeMs }: KeepOptions): KeptAnswer {
  const kept = Object.entries(head.headers).filter(([name]) => !NOT_KEPT.test(name));
  const etag = textOf(head.headers.etag) ?? etagOf(body);
  const lastModified = Date.parse(textOf(head.headers['last-modified']) ?? '');
  return {
    headers: { ...Object.fromEntries(kept), etag },
    body,
    etag,
    lastModifiedMs: Number.isNaN(lastModified) ? undefined : lastModified,
    age: ageOf(head.headers),
    storedAtMs: nowMs,
    expiresAtMs: nowMs + lifetimeMs,
    tags,
  };
}

/** What it takes in memory, roughly. */
export function bytesOf({ headers, body, tags }: KeptAnswer, key: string): number {
  const texts = [key, ...tags, ...Object.entries(headers).map(([name, value]) => `${name}${textOf(value) ?? ''}`)];
  return texts.reduce((sum, text) => sum + 2 * text.length + PER_HEADER_BYTES, body.length);
}

/** The same bytes have the same, in every replica. */
function etagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`;
}
