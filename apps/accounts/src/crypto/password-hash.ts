import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { normalized } from '../domain/password.ts';

/** What a hash was made with; it stands in front of the hash. */
export interface ScryptCost {
  /** The binary logarithm of N: memory and time double with each. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/** The diagnostics channel that says each time that a password is hashed: the one thing here that takes long enough for others to measure. */
export const HASHED = 'ebb.accounts.password-hashed';
const hashed = channel(HASHED);

/** A hash with its parameters and its salt, in the form of PHC strings. */
export async function hashPassword(password: string, cost: ScryptCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return written(cost, salt, await derive(password, salt, cost));
}

/** Whether a password is the one of a hash, whatever cost that was made with. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const { cost, salt, hash } = read(stored);
  return timingSafeEqual(await derive(password, salt, cost), hash);
}

/** Whether a hash was made with other parameters than a new one would be. */
export function isOutdated(stored: string, { ln, r, p }: ScryptCost): boolean {
  const { cost } = read(stored);
  return cost.ln !== ln || cost.r !== r || cost.p !== p;
}

/** A hash that no password has: what is compared with where there is no account, so that it takes as long. */
export function dummyHash(cost: ScryptCost): string {
  return written(cost, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));
}

const written = ({ ln, r, p }: ScryptCost, salt: Buffer, hash: Buffer): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${bare(salt)}$${bare(hash)}`;

const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

function read(stored: string): { readonly cost: ScryptCost; readonly salt: Buffer; readonly hash: Buffer } {
  const [, ln, r, p, salt = '', hash = ''] = FORM.exec(stored) ?? [];
  if (ln === undefined) throw new RangeError('what is kept as the hash of a password is none');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function derive(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln;
  // Node counts what OpenSSL takes (RFC 7914: 128·r·(N+p)) and a little more.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 2) + 1_024 };
  hashed.publish(undefined);
  return new Promise((resolve, reject) => {
    scrypt(normalized(password), salt, HASH_BYTES, options, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}
