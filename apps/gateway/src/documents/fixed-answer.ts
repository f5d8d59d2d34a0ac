import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';

import type { Answer, AnswerHeaders } from '../pipeline/answer.ts';

/** Content that does not change while it is kept. */
export interface FixedContent {
  readonly type: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Prepared {
  readonly etag: string;
  readonly zipped: Buffer;
}

const prepared = new WeakMap<FixedContent, Prepared>();

/** Answers with fixed content: zipped where the client takes it, and nothing at all where the client has it. */
export function fixedAnswer(asked: IncomingHttpHeaders, content: FixedContent): Answer {
  const { etag, zipped } = prepare(content);
  const isZipped = /\bgzip\b/.test(asked['accept-encoding'] ?? '');
  const headers: AnswerHeaders = {
    ...content.headers,
    // To ask each time costs an empty answer, and nobody sees what is out of date.
    'cache-control': 'no-cache',
    etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  };
  if (asked['if-none-match']?.split(/\s*,\s*/).includes(etag)) return { kind: 'answer', status: 304, headers };
  const body = isZipped ? zipped : content.body;
  return {
    kind: 'answer',
    status: 200,
    headers: { ...headers, 'content-type': content.type, ...(isZipped && { 'content-encoding': 'gzip' }) },
    body,
  };
}

function prepare(content: FixedContent): Prepared {
  const known = prepared.get(content);
  if (known) return known;
  const hash = createHash('sha256').update(content.body).digest('base64url').slice(0, 22);
  // Weak: zipped and plain have one tag.
  const made = { etag: `W/"${hash}"`, zipped: gzipSync(content.body) };
  prepared.set(content, made);
  return made;
}
