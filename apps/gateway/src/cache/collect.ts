import type { AnswerHead, BodyTap } from '../pipeline/answer.ts';
import type { AnswerCache } from './answer-cache.ts';

/** Takes a copy of a body on its way to the client. It is told of once: whole, too large to keep, or not at all. */
export function collect(
  cache: AnswerCache,
  { headers }: AnswerHead,
  done: (body: Buffer | 'too-large' | undefined) => void,
): BodyTap {
  const { maxEntryBytes } = cache.store;
  let chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const finish = (body: Buffer | 'too-large' | undefined): void => {
    isOver = true;
    cache.release(size);
    [chunks, size] = [[], 0];
    done(body);
  };
  if (Number(headers['content-length'] ?? 0) > maxEntryBytes) finish('too-large');
  return {
    chunk: (chunk) => {
      if (isOver) return;
      if (size + chunk.length > maxEntryBytes || !cache.collect(chunk.length)) {
        finish('too-large');
        return;
      }
      chunks.push(chunk);
      size += chunk.length;
    },
    end: (complete) => {
      // A copy: a chunk may be a piece of a much larger buffer.
      if (!isOver) finish(complete ? Buffer.concat(chunks) : undefined);
    },
  };
}
