import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTimestamp } from './timestamp.ts';

describe('a timestamp', () => {
  it.each([
    '2026-01-31T12:00:00Z',
    '1985-04-12T23:20:50.52Z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
    '1937-01-01T12:00:27.87+00:20',
    '2024-02-29T00:00:00.123456789z',
    '2000-02-29t00:00:00Z',
  ])('may be %s', (text) => expect(isTimestamp(text)).toBe(true));

  it.each([
    '',
    'now',
    '2026-01-31',
    '2026-01-31 12:00:00Z',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:60:00Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T12:00:00.Z',
    '2026-01-01T12:00:00+0100',
    '2026-01-01T12:00:00+24:00',
    '12026-01-01T12:00:00Z',
    '2026-01-31T12:00:00Z\n',
  ])('is not %j', (text) => expect(isTimestamp(text)).toBe(false));

  it('may be whatever a Date prints', () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') });
    fc.assert(fc.property(dates, (date) => isTimestamp(date.toISOString())));
  });
});
