import { describe, expect, it } from '@jest/globals';
import { etagOf, isMatch } from './user-version.ts';

describe('isMatch', () => {
  it.each(['"7"', ' "7" ', '*', '"6", "7"', 'W/"7", "7"', etagOf('7')])('lets %s through', (header) => {
    expect(isMatch(header, '7')).toBe(true);
  });

  it.each(['', '7', '"6"', 'W/"7"', '"7', '"77"', "'7'", '"*"', '"6" "7"'])('refuses %j', (header) => {
    expect(isMatch(header, '7')).toBe(false);
  });
});
