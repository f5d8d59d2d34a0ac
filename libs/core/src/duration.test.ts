import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationMs, humanDuration, isoDuration, shortDuration } from './duration.ts';

describe('durationMs', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1_500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['PT0.2S', 200],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '10', 's', '-1s', 'P', 'PT', 'P1M', 'P1Y', '1 s', '10sec', 'PT1H30', '1e3s', 'Infinitys'])(
    'refuses "%s"',
    (text) => {
      expect(() => durationMs(text)).toThrow(/is no duration/);
    },
  );

  it('reads back what isoDuration wrote', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => expect(durationMs(isoDuration(ms))).toBe(ms)));
  });
});

describe('shortDuration', () => {
  it.each([
    [14 * 86_400_000, '14d'],
    [36 * 3_600_000, '36h'],
    [90_000, '90s'],
    [1_500, '1500ms'],
    [0, '0ms'],
  ])('writes %d as %s', (ms, text) => {
    expect(shortDuration(ms)).toBe(text);
    expect(durationMs(text)).toBe(ms);
  });
});

describe('humanDuration', () => {
  it.each([
    [0.42, '0.4 ms'],
    [57.3, '57 ms'],
    [1_240, '1.24 s'],
    [125_000, '2 m 5 s'],
  ])('writes %d as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});
