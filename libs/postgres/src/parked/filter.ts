import { storedKey } from '../delivery/inbox-key.ts';
import type { KeptReason } from './parked-event.ts';

/** Which parked events are meant; what is absent does not matter. */
export interface ParkedFilter {
  readonly reason?: KeptReason;
  readonly fn?: string;
  /** An event type; a trailing * stands for any ending. */
  readonly type?: string;
  /** A partition key. */
  readonly key?: string;
  /** Parked at this time or later. */
  readonly since?: Date;
  /** Parked before this time. */
  readonly until?: Date;
  /** Also those that are over. */
  readonly closed?: boolean;
}

/** A condition over the columns of `parked`, its values numbered from $1. */
export interface Condition {
  readonly text: string;
  readonly values: readonly unknown[];
}

export function conditionOf({ reason, fn, type, key, since, until, closed = false }: ParkedFilter): Condition {
  const parts: (readonly [text: (n: number) => string, value: unknown])[] = [
    [(n) => `reason = $${n}`, reason],
    [(n) => `fn = $${n}`, fn],
    [(n) => `starts_with(event ->> 'type', $${n})`, type?.endsWith('*') ? type.slice(0, -1) : undefined],
    [(n) => `event ->> 'type' = $${n}`, type?.endsWith('*') ? undefined : type],
    [(n) => `key = $${n}`, key === undefined ? undefined : storedKey(key)],
    [(n) => `parked_at >= $${n}`, since],
    [(n) => `parked_at < $${n}`, until],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const texts = given.map(([text], at) => text(at + 1));
  if (!closed) texts.unshift('closed_at IS NULL');
  return { text: texts.length > 0 ? texts.join(' AND ') : 'true', values: given.map(([, value]) => value) };
}
