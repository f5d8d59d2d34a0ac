import { expect, it } from '@jest/globals';
import { dummyHash, hashPassword, isOutdated, isPassword } from './password-hash.ts';

const CHEAP = { ln: 1, r: 8, p: 1 };

it('a password is known by its hash, whatever that cost', async () => {
  const stored = await hashPassword('seven lamps on the pier', CHEAP);
  expect(stored).toMatch(/^\$scrypt\$ln=1,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await isPassword('seven lamps on the pier', stored)).toBe(true);
  expect(await isPassword('seven lamps on the peer', stored)).toBe(false);
  expect(await hashPassword('seven lamps on the pier', CHEAP)).not.toBe(stored);
  expect(isOutdated(stored, CHEAP)).toBe(false);
  expect(
    [
      { ...CHEAP, ln: 2 },
      { ...CHEAP, r: 4 },
      { ...CHEAP, p: 2 },
    ].every((cost) => isOutdated(stored, cost)),
  ).toBe(true);
});

it('is the same typed as other code points', async () => {
  expect(await isPassword('café au lait bitte', await hashPassword('cafe\u0301 au lait bitte', CHEAP))).toBe(true);
});

it('no password has the dummy', async () => {
  for (const guess of ['', 'x', 'seven lamps on the pier'])
    expect(await isPassword(guess, dummyHash(CHEAP))).toBe(false);
});

it('takes the memory that the default cost asks for', async () => {
  const stored = await hashPassword('seven lamps on the pier', { ln: 15, r: 8, p: 3 });
  expect(await isPassword('seven lamps on the pier', stored)).toBe(true);
});

it('what is no hash is a mistake of ours', async () => {
  await expect(isPassword('x', 'plain')).rejects.toThrow(RangeError);
});
