import { randomBytes } from 'node:crypto';

const COUNT = 10;
const BYTES = 10;
/** Crockford's: no letter is taken for another when it is read off paper. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUP = 4;

/** New codes, each good once in place of the second factor: 80 bits, so that a plain hash protects them. */
export const newRecoveryCodes = (): readonly string[] => Array.from({ length: COUNT }, () => grouped(code()));

/** What is hashed: the code without what people put between. */
export const plainRecoveryCode = (text: string): string =>
  text.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');

/** Whether a text could be one; a code of the authenticator is shorter. */
export const isRecoveryCode = (text: string): boolean => /^[0-9a-hjkmnp-tv-z]{16}$/.test(plainRecoveryCode(text));

function code(): string {
  let bits = BigInt(`0x${randomBytes(BYTES).toString('hex')}`);
  let text = '';
  for (let at = 0; at < (BYTES * 8) / 5; at += 1) {
    text += ALPHABET[Number(bits & 31n)] ?? '';
    bits >>= 5n;
  }
  return text;
}

const grouped = (text: string): string => (text.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? []).join('-');
