import { describe, expect, it } from '@jest/globals';
import { newId, Secret } from '@ebb/core';
import { challengeIdOf, challengeToken } from './challenge-token.ts';
import { keyFor } from './derived-key.ts';
import { keyedHash } from './keyed-hash.ts';
import { newFamilySecret, readRefreshToken, refreshTokenOf } from './refresh-token.ts';

const rootOf = (letter: string) => new Secret(Buffer.alloc(32, letter).toString('base64'));
const root = rootOf('a');
const flipped = (token: string, at: number): string => {
  const bytes = Buffer.from(token, 'base64url');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

describe('the token of a mail', () => {
  const id = newId();
  const token = challengeToken(id, root);

  it('leads back to its challenge, and is the same each time', () => {
    expect(challengeIdOf(token, root)).toBe(id);
    expect(challengeToken(id, root)).toBe(token);
  });

  it('is worth nothing when anything of it is changed, or with another key', () => {
    for (let at = 0; at < 32; at += 1) expect(challengeIdOf(flipped(token, at), root)).toBeUndefined();
    expect(challengeIdOf(token, rootOf('b'))).toBeUndefined();
    for (const text of ['', 'x', token.slice(1), `${token}AA`, '💥']) expect(challengeIdOf(text, root)).toBeUndefined();
  });
});

describe('a refresh token', () => {
  const family = { sessionId: newId(), generation: 70_000, secret: newFamilySecret() };
  const token = refreshTokenOf(family, root);

  it('says what it is of', () => {
    expect(readRefreshToken(token, root)).toEqual(family);
  });

  it('cannot be made into another one', () => {
    for (let at = 0; at < 68; at += 1) expect(readRefreshToken(flipped(token, at), root)).toBeUndefined();
    expect(readRefreshToken(token, rootOf('b'))).toBeUndefined();
    for (const text of ['', 'x', token.slice(4), `${token}AAAA`]) expect(readRefreshToken(text, root)).toBeUndefined();
  });
});

it('each use has a key of its own', () => {
  const keys = (['challenge', 'refresh-token', 'login', 'client'] as const).map((use) =>
    keyFor(use, root).toString('hex'),
  );
  expect(new Set(keys).size).toBe(4);
  expect(keyedHash('login', root, 'ada@example.com')).toMatch(/^[\w-]{22}$/);
  expect(keyedHash('login', root, 'x')).not.toBe(keyedHash('client', root, 'x'));
});
