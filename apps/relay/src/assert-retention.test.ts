import { describe, expect, it } from '@jest/globals';
import { assertRetention, topicsBeyond } from './assert-retention.ts';

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
        'Give services and relay an INBOX_RETENTION of 21d or more; or, if nobody will have topics read again from further back, ' +
        'give the relay a REPLAY_WINDOW of at most 14d',
    );
  });

  it('says nothing of topics where only the outboxes keep too much', () => {
    expect(() => assertRetention([topic('orders', 7)], { ...times, outboxMs: 20 * DAY_MS })).toThrow(
      /takes effect twice\. Give services and relay an INBOX_RETENTION of 20d or more$/,
    );
  });

  describe('cannot be as long as that of a topic that keeps its events for ever', () => {
    const topics = [topic('audit', Infinity), topic('orders', 7), topic('ledger', 365)];

    it('so the relay says what can be done', () => {
      expect(() => assertRetention(topics, times)).toThrow(
        'topic "audit" keeps its events for ever, topic "ledger" keeps its events for 365d: an event that comes again after that takes effect twice. ' +
          'Give the topic a retention.ms, and services and relay an INBOX_RETENTION that is no shorter; ' +
          'or, if nobody will have topics read again from further back, give the relay a REPLAY_WINDOW of at most 14d',
      );
    });

    it('but nobody may have it read again from so far back', () => {
      expect(() => assertRetention(topics, { ...times, replayMs: 14 * DAY_MS })).not.toThrow();
      expect(topicsBeyond(topics, times.inboxMs)).toEqual(['audit', 'ledger']);
      expect(() => assertRetention(topics, { ...times, replayMs: 30 * DAY_MS })).toThrow(
        /for 365d, REPLAY_WINDOW is 30d: .* an INBOX_RETENTION of 30d or more; or, .* at most 14d$/,
      );
      // A window beyond what is kept lets nothing more come again.
      expect(() => assertRetention([topic('orders', 7)], { ...times, replayMs: 30 * DAY_MS })).not.toThrow();
    });
  });
});
