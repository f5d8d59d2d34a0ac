import { EbbError, shortDuration } from '@ebb/core';
import type { TopicInfo } from '@ebb/event-log';

export interface RetentionTimes {
  /** How long services remember a delivery. */
  readonly inboxMs: number;
  /** How long published events can be sent again. */
  readonly outboxMs: number;
}

/**
 * An inbox that forgets a delivery while its event can still come again would let it take effect twice.
 * @throws EbbError EBB_CONFIG with the numbers
 */
export function assertRetention(topics: readonly TopicInfo[], { inboxMs, outboxMs }: RetentionTimes): void {
  const problems = topics
    .filter(({ retentionMs }) => longevity(retentionMs) > inboxMs)
    .map(({ name, retentionMs }) => `topic "${name}" keeps its events for ${keeps(retentionMs)}`);
  if (outboxMs > inboxMs) problems.push(`OUTBOX_RETENTION lets events be sent again for ${shortDuration(outboxMs)}`);
  if (problems.length === 0) return;
  throw new EbbError(
    'EBB_CONFIG',
    `INBOX_RETENTION is ${shortDuration(inboxMs)}, but ${problems.join(', ')}: an event that comes again after that takes effect twice. ${remedy(topics, outboxMs)}`,
  );
}

function remedy(topics: readonly TopicInfo[], outboxMs: number): string {
  const longest = Math.max(outboxMs, ...topics.map(({ retentionMs }) => longevity(retentionMs)));
  return longest === Infinity
    ? 'Give the topic a retention.ms, and services and relay an INBOX_RETENTION that is no shorter'
    : `Give services and relay an INBOX_RETENTION of ${shortDuration(longest)} or more`;
}

/** Kafka writes "for ever" as -1. */
const longevity = (retentionMs: number): number => (retentionMs < 0 ? Infinity : retentionMs);

const keeps = (retentionMs: number): string => (retentionMs < 0 ? 'ever' : shortDuration(retentionMs));
