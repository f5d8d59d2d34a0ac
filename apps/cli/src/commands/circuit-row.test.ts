import { describe, expect, it } from '@jest/globals';
import type { CircuitReport } from '@ebb/local/client';
import { circuitRow } from './circuit-row.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();
const agency: CircuitReport = { service: 'travel', name: 'agency', state: 'open', failures: 5, until: at(20) };

describe('a circuit', () => {
  it.each<[CircuitReport['state'], number, string]>([
    ['open', 20, 'open for 20 s'],
    ['open', -1, 'open: the next caller tries'],
    ['half-open', 3, 'half-open: one caller tries'],
    ['closed', -1, 'closed'],
  ])('that is %s (%i s) says so', (state, seconds, words) => {
    expect(circuitRow({ ...agency, state, until: at(seconds) }, NOW)).toEqual(['agency', 'travel', words, '5', '-']);
  });

  it('tells what failed last, in one line that leaves the terminal alone', () => {
    const row = circuitRow(
      { ...agency, lastFailure: { at: at(-3), message: `Error: no\n\u001b[2J${'x'.repeat(99)}` } },
      NOW,
    );
    expect(row[4]).toMatch(/^3 s ago: Error: no ·\[2Jx+…$/);
    expect(row[4]).toHaveLength(80);
  });
});
