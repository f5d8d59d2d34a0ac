import { describe, expect, it } from '@jest/globals';
import type { PingSource } from './resources/resources.ts';
import { nextRun } from './schedule.ts';

const ping = (schedule?: string, timezone?: string): Pick<PingSource, 'metadata' | 'spec'> => ({
  metadata: { name: 'tick' },
  spec: {
    ...(schedule !== undefined && { schedule }),
    ...(timezone !== undefined && { timezone }),
    sink: { uri: 'http://sink' },
  },
});
const next = (schedule?: string, timezone?: string, after = '2026-03-28T10:00:30Z') =>
  nextRun(ping(schedule, timezone), new Date(after))?.toISOString();

describe('the next run of a PingSource', () => {
  it.each([
    [undefined, undefined, '2026-03-28T10:01:00.000Z'],
    ['*/15 * * * *', undefined, '2026-03-28T10:15:00.000Z'],
    ['*/10 * * * * *', undefined, '2026-03-28T10:00:40.000Z'],
    ['0 3 * * *', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'], // summer time began at 01:00 UTC
    ['0 3 * * *', 'UTC', '2026-03-29T03:00:00.000Z'],
    ['@hourly', undefined, '2026-03-28T11:00:00.000Z'],
    ['0 0 13 * FRI', undefined, '2026-04-03T00:00:00.000Z'], // the 13th or a Friday
    ['0 0 30 2 *', undefined, undefined],
    ['0 0 * JUL WED', undefined, '2026-07-01T00:00:00.000Z'],
  ])('%s in %s is %s', (schedule, timezone, expected) => {
    expect(next(schedule, timezone)).toBe(expected);
  });

  it('comes after the moment, never at it', () => {
    expect(next('* * * * *', 'UTC', '2026-03-28T10:00:00.000Z')).toBe('2026-03-28T10:01:00.000Z');
  });

  it.each([
    ['@every 5m', undefined, 'is refused by Knative'],
    ['TZ=Europe/Berlin 0 3 * * *', undefined, 'has a time zone: put it into timezone'],
    ['* * * *', undefined, 'must have 5 fields, or 6'],
    ['* * * * * * *', undefined, 'must have 5 fields, or 6'],
    ['61 * * * *', undefined, 'is not valid'],
    ['0 0 L * *', undefined, 'uses L'],
    ['0 0 * * 1#2', undefined, 'uses L'],
    ['0 0 * * 7', undefined, 'Sunday is 0'],
    ['0 0 * * *', 'Mars/Olympus', 'timezone "Mars/Olympus" is not known'],
  ])('refuses %s in %s', (schedule, timezone, message) => {
    const refused = () => next(schedule, timezone);
    expect(refused).toThrow(expect.objectContaining({ code: 'EBB_MANIFEST' }));
    expect(refused).toThrow(message);
    expect(refused).toThrow('PingSource tick: ');
  });
});
