import { EbbError, shortDuration } from '@ebb/core';
import type { TopicInfo } from '@ebb/event-log';

export interface RetentionTimes {
  /** How long services remember a delivery. */
  readonly inboxMs: number;
  /** How long published events can be sent again. */
  readonly outboxMs: number;
  /** How far back topics are read again at the most, as those who look after them have promised. */
  readonly replayMs?: number;
}

/**
 * An inbox that forgets a delivery while its event can still come again would let it take effect twice. What a topic keeps can come again, unless it
 * is promised that nobody reads it from so far back.
 * @throws EbbError EBB_CONFIG with the numbers, and what to do
 */
export function assertRetention(topics: readonly TopicInfo[], times: RetentionTimes): void {
  const { inboxMs, outboxMs, replayMs = Infinity } = times;
  const tooLong = replayMs > inboxMs ? topics.filter(({ retentionMs }) => retentionMs > inboxMs) : [];
  const problems = tooLong.map(({ name, retentionMs }) => `topic "${name}" keeps its events for ${keeps(retentionMs)}`);
  if (tooLong.length > 0 && replayMs < Infinity) problems.push(`REPLAY_WINDOW is ${shortDuration(replayMs)}`);
  if (outboxMs > inboxMs) problems.push(`OUTBOX_RETENTION lets events be sent again for ${shortDuration(outboxMs)}`);
  if (problems.length === 0) return;
  throw new EbbError(
    'EBB_CONFIG',
    `INBOX_RETENTION is ${shortDuration(inboxMs)}, but ${problems.join(', ')}: an event that comes again after that takes effect twice. ${remedy(tooLong, times)}`,
  );
}

/** The topics that keep their events for longer than deliveries are remembered. */
export function topicsBeyond(topics: readonly TopicInfo[], inboxMs: number): readonly string[] {
  return topics.filter(({ retentionMs }) => retentionMs > inboxMs).map(({ name }) => name);
}

function remedy(tooLong: readonly TopicInfo[], { inboxMs, outboxMs, replayMs = Infinity }: RetentionTimes): string {
  const longest = Math.max(outboxMs, ...tooLong.map(({ retentionMs }) => Math.min(retentionMs, replayMs)));
  const first =
    longest === Infinity
      ? 'Give the topic a retention.ms, and services and relay an INBOX_RETENTION that is no shorter'
      : `Give services and relay an INBOX_RETENTION of ${shortDuration(longest)} or more`;
  if (tooLong.length === 0) return first;
  return `${first}; or, if nobody will have topics read again from further back, give the relay a REPLAY_WINDOW of at most ${shortDuration(inboxMs)}`;
}

const keeps = (retentionMs: number): string => (retentionMs === Infinity ? 'ever' : shortDuration(retentionMs));
