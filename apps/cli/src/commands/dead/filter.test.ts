import { describe, expect, it } from '@jest/globals';
import { filterOf, isEmpty, queryOf } from './filter.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('the options that choose parked events', () => {
  it('take a moment or a span', () => {
    expect(filterOf({ since: '2026-01-30T00:00:00Z', until: '30m' }, NOW)).toEqual({
      since: '2026-01-30T00:00:00.000Z',
      until: '2026-01-31T11:30:00.000Z',
    });
    expect(isEmpty(filterOf({}, NOW))).toBe(true);
  });

  it.each(['yesterday', '2026-13-45', ''])('refuse what is no time: %j', (since) => {
    expect(() => filterOf({ since }, NOW)).toThrow(expect.objectContaining({ code: 'EBB_USAGE' }));
  });

  it('become a query', () => {
    expect(queryOf({ type: 'dev.ebb.*', closed: true }, { limit: '5' })).toBe('type=dev.ebb.*&closed=1&limit=5');
  });
});
