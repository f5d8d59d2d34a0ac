import type { Condition, ParkedFilter } from '../parked/filter.ts';

/** What was put aside and is not over. */
const OPEN = 'published_at IS NULL AND closed_at IS NULL';

/** A condition over the columns of `outbox`, its values numbered from $1. No function has anything to do with what was never published. */
export function asideCondition({ reason, fn, type, key, since, until, closed = false }: ParkedFilter): Condition {
  const isPrefix = type?.endsWith('*') ?? false;
  const parts: (readonly [text: (n: number) => string, value: unknown])[] = [
    [(n) => `aside_reason = $${n}`, reason],
    [(n) => `starts_with(event ->> 'type', $${n})`, isPrefix ? type?.slice(0, -1) : undefined],
    [(n) => `event ->> 'type' = $${n}`, isPrefix ? undefined : type],
    [(n) => `partition_key = $${n}`, key],
    [(n) => `aside_at >= $${n}`, since],
    [(n) => `aside_at < $${n}`, until],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const texts = ['aside_at IS NOT NULL', ...given.map(([text], at) => text(at + 1))];
  if (!closed) texts.push(OPEN);
  if (fn !== undefined) texts.push('false');
  return { text: texts.join(' AND '), values: given.map(([, value]) => value) };
}
