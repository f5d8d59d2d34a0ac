import { describe, expect, it } from '@jest/globals';
import { humanBytes } from './bytes.ts';

describe('humanBytes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [16_384, '16.4 kB'],
    [999_600, '1 MB'],
    [123_456_789, '123 MB'],
    [1_234_567_890, '1.2 GB'],
    [5e15, '5000 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(humanBytes(bytes)).toBe(text);
  });
});
