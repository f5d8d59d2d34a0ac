import { describe, expect, it } from '@jest/globals';
import { assertRetention } from './assert-retention.ts';

const DAY_MS = 86_400_000;
const topic = (name: string, days: number) => ({ name, partitions: 1, retentionMs: days * DAY_MS });
const times = { inboxMs: 14 * DAY_MS, outboxMs: 7 * DAY_MS };

describe('the retention of inboxes', () => {
  it('may be as long as that of the topics and of the outboxes', () => {
    expect(() => assertRetention([topic('orders', 14), topic('stock', 1)], times)).not.toThrow();
    expect(() => assertRetention([], { ...times, outboxMs: times.inboxMs })).not.toThrow();
  });

  it('is refused with the numbers when it is shorter', () => {
    const topics = [topic('orders', 21), topic('stock', 1), topic('audit', 14.5)];
    expect(() => assertRetention(topics, { ...times, outboxMs: 20 * DAY_MS })).toThrow(
      'INBOX_RETENTION is 14d, but topic "orders" keeps its events for 21d, topic "audit" keeps its events for 348h, ' +
        'OUTBOX_RETENTION lets events be sent again for 20d: an event that comes again after that takes effect twice. ' +
        'Give services and relay an INBOX_RETENTION of 21d or more',
    );
  });

  it('cannot be long enough for a topic that keeps its events for ever', () => {
    expect(() => assertRetention([{ ...topic('audit', 1), retentionMs: -1 }], times)).toThrow(
      /keeps its events for ever: .* Give the topic a retention\.ms/,
    );
  });
});
