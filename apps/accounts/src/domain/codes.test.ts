import { describe, expect, it } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { isRecoveryCode, newRecoveryCodes, plainRecoveryCode } from './recovery-code.ts';
import { newTotp, stepOf } from './totp.ts';

describe('a recovery code', () => {
  const codes = newRecoveryCodes();

  it('is one of ten that are all different', () => {
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(codes.every(isRecoveryCode)).toBe(true);
  });

  it('is the same however it is written', () => {
    expect(plainRecoveryCode(' 0123-ABCD 1111-0000 ')).toBe('0123abcd11110000');
    expect(plainRecoveryCode('O123-abcd-Il11-0OO0')).toBe('0123abcd11110000');
  });

  it.each(['123456', '', 'u'.repeat(16), '0123-abcd-1111'])('is not %j', (text) => {
    expect(isRecoveryCode(text)).toBe(false);
  });
});

describe('a code of an authenticator', () => {
  // RFC 6238, appendix B, with the last six digits.
  const secret = Buffer.from('12345678901234567890');

  it.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [20_000_000_000, '353130', 666_666_666],
  ])('is the one of its time: %i s', async (seconds, code, step) => {
    expect(await stepOf(secret, code, seconds * 1_000)).toBe(step);
  });

  it('may be one step early or late, and belongs to its own step', async () => {
    expect(await stepOf(secret, '081804', (1_111_111_109 + 30) * 1_000)).toBe(37_037_036);
    expect(await stepOf(secret, '081804', (1_111_111_109 - 30) * 1_000)).toBe(37_037_036);
    expect(await stepOf(secret, '081804', (1_111_111_109 + 60) * 1_000)).toBeUndefined();
    expect(await stepOf(secret, '081804', (1_111_111_109 - 60) * 1_000)).toBeUndefined();
  });

  it.each(['', '000000', '28708', '2870822', 'abcdef', '28708٢'])('is not %j', async (code) => {
    expect(await stepOf(secret, code, 59_000)).toBeUndefined();
  });

  it('is what an app makes of the URI', async () => {
    const { secret: bytes, base32, uri } = await newTotp('Ebb', 'ada@example.com');
    const url = new URL(uri);
    expect(url.href).toContain('otpauth://totp/Ebb:ada%40example.com');
    expect(url.searchParams.get('secret')).toBe(base32);
    const code = new TOTP({ secret: Secret.fromBase32(base32) }).generate({ timestamp: 1_000_000 });
    expect(await stepOf(bytes, code, 1_000_000)).toBe(33);
  });
});
