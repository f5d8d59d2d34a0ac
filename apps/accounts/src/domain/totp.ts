/** RFC 6238 with what every authenticator app understands: SHA-1, six digits, thirty seconds. */
const PERIOD_S = 30;
const DIGITS = 6;
const SECRET_BYTES = 20;
/** Clocks of phones are off, and codes are typed slowly. */
const DRIFT_STEPS = 1;

/** A new secret, and what an authenticator app reads from a QR code. */
export async function newTotp(
  issuer: string,
  label: string,
): Promise<{ readonly secret: Buffer; readonly base32: string; readonly uri: string }> {
  const { Secret, TOTP } = await loadOtp();
  const secret = new Secret({ size: SECRET_BYTES });
  const totp = new TOTP({ issuer, label, secret, digits: DIGITS, period: PERIOD_S, algorithm: 'SHA1' });
  return { secret: Buffer.from(secret.bytes), base32: secret.base32, uri: totp.toString() };
}

/**
 * The time step that a code belongs to; undefined when it is wrong. A code is good for one step: whoever keeps the last step that was
 * used, and takes only later ones, takes none twice.
 */
export async function stepOf(secret: Buffer, code: string, nowMs: number): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const { Secret, TOTP } = await loadOtp();
  const key = new Secret({ buffer: new Uint8Array(secret).buffer });
  const totp = new TOTP({ secret: key, digits: DIGITS, period: PERIOD_S, algorithm: 'SHA1' });
  const delta = totp.validate({ token: code, timestamp: nowMs, window: DRIFT_STEPS });
  return delta === null ? undefined : Math.floor(nowMs / 1_000 / PERIOD_S) + delta;
}

/** Few requests need it: no start of a process pays for it. */
const loadOtp = () => import('otpauth');
