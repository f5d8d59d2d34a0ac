import { describe, expect, it } from '@jest/globals';
import { isTurnedBack, isUnavailable } from './pg-errors.ts';

const withCode = (code: string): Error => Object.assign(new Error('it failed'), { code });

describe('an error of PostgreSQL', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300'])(
    '%s says that it is not there',
    (code) => {
      expect(isUnavailable(withCode(code))).toBe(true);
    },
  );

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    '"%s" says that it is not there',
    (message) => {
      expect(isUnavailable(new Error(message))).toBe(true);
    },
  );

  it.each([
    withCode('23505'),
    withCode('40001'),
    new Error('Connection to the stock service lost'),
    'ECONNREFUSED',
    null,
  ])('%p says something else', (error) => {
    expect(isUnavailable(error)).toBe(false);
  });

  it('says whether a repetition may pass', () => {
    expect([isTurnedBack(withCode('40001')), isTurnedBack(withCode('40P01')), isTurnedBack(withCode('23505'))]).toEqual(
      [true, true, false],
    );
  });
});
