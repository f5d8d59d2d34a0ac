import { describe, expect, it } from '@jest/globals';
import { derivedId, newId } from './ids.ts';

describe('newId', () => {
  it('is a UUID of version 7 that begins with the time', () => {
    const id = newId(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by time', () => {
    expect(newId(1_000) < newId(1_001)).toBe(true);
  });

  it('never repeats', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId())).size).toBe(10_000);
  });
});

describe('derivedId', () => {
  it('gives one id per name', () => {
    expect(derivedId('a')).toBe(derivedId('a'));
    expect(derivedId('a')).not.toBe(derivedId('b'));
    // Known ones: ids of events that were emitted before must stay what they are.
    expect(derivedId('a')).toBe('86c2ed2b-8c05-58d6-ac3e-58c993993a19');
    expect(derivedId('é'.repeat(2_000))).toBe('8ff35ee3-d6f2-5cca-9664-b58c77ca4b6d');
    expect(derivedId('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
