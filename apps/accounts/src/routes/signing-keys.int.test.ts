import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyRotationFellDue } from '@ebb/schemas';
import { exampleOf } from '@ebb/testing';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { CONFIG, startAccounts, type AccountsDrive } from '../accounts.fixture.ts';
import type { Tokens } from '../actions/tokens.ts';

let drive: AccountsDrive;

beforeEach(async () => {
  drive = await startAccounts();
});
afterEach(() => drive.service.close());

const keySet = async () => (await drive.send('GET', '/.well-known/jwks.json')).json() as JSONWebKeySet;
const isGood = async ({ accessToken }: Tokens, keys: JSONWebKeySet): Promise<boolean> =>
  jwtVerify(accessToken, createLocalJWKSet(keys), { issuer: 'urn:ebb:accounts', audience: 'ebb' }).then(
    () => true,
    () => false,
  );
const kidOf = ({ accessToken }: Tokens): string => decodeProtectedHeader(accessToken).kid ?? '';
const scheduled = () => drive.service.deliver('rotate-signing-keys', exampleOf(KeyRotationFellDue));
const admin = async (): Promise<Tokens> => {
  const { email } = await drive.opened(CONFIG.ADMIN_EMAILS[0]);
  return drive.signedIn(email);
};
const rotate = (as: Tokens, reason: string) => drive.post('/signing-keys/rotations', { reason }, { as });

describe('the key set', () => {
  it('is there before anybody signs in, and holds nothing private', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, keySet));
    expect(new Set(replies.map((each) => JSON.stringify(each))).size).toBe(1);
    const { keys } = replies[0]!;
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('is kept encrypted', async () => {
    await keySet();
    const rows = await drive.service.db<{ private_key: Buffer }>`select private_key from signing_keys`;
    // The first bytes of every Ed25519 key in PKCS #8.
    for (const row of rows)
      expect(row.private_key.includes(Buffer.from('302e020100300506032b6570', 'hex'))).toBe(false);
  });
});

describe('the signing keys', () => {
  it('rotate when one has signed for a month: the next was published long before, the last stays good', async () => {
    const { email } = await drive.opened('ada@example.com');
    const before = await drive.signedIn(email);
    const published = await keySet();
    await scheduled();
    expect(kidOf(await drive.signedIn(email))).toBe(kidOf(before));

    await drive.service.advance('30d');
    await scheduled();
    await scheduled();
    const after = await drive.signedIn(email);
    expect(kidOf(after)).not.toBe(kidOf(before));
    // Whoever has read the keys before knows the key that signs now.
    expect(await isGood(after, published)).toBe(true);
    expect(await isGood(before, await keySet())).toBe(true);
    expect((await keySet()).keys).toHaveLength(3);

    await drive.service.advance('11m');
    expect((await keySet()).keys.map(({ kid }) => kid)).not.toContain(kidOf(before));
    expect((await keySet()).keys).toHaveLength(2);
  });

  it('rotate, all of them, while people sign in, and no token fails with keys that were read before', async () => {
    const root = await admin();
    const { email } = await drive.opened('busy@example.com');
    let { refreshToken } = await drive.signedIn(email);
    const seen = new Set<string>();
    for (let nth = 0; nth < 4; nth += 1) {
      const round = { isOver: false };
      const rotating = drive.service
        .advance('16m')
        .then(() => rotate(root, 'routine'))
        .finally(() => (round.isOver = true));
      rotating.catch(() => undefined);
      do {
        // The keys are read first: what somebody has of them is never newer than the token.
        const keys = await keySet();
        const reply = await drive.refresh(refreshToken);
        expect(reply.status).toBe(200);
        const tokens = reply.json() as Tokens;
        ({ refreshToken } = tokens);
        expect(await isGood(tokens, keys)).toBe(true);
        seen.add(kidOf(tokens));
      } while (!round.isOver);
      expect((await rotating).status).toBe(204);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('can be rotated by an administrator, once everybody can have seen the next one', async () => {
    const root = await admin();
    const early = await rotate(root, 'routine');
    expect(early.status).toBe(409);
    expect(Number(early.headers['retry-after'])).toBeGreaterThan(0);
    await drive.service.advance('15m');
    expect((await rotate(root, 'routine')).status).toBe(204);
    expect(kidOf(await drive.signedIn(CONFIG.ADMIN_EMAILS[0]))).not.toBe(kidOf(root));
    const actions = await drive.service
      .db`select actor_id, detail from audit_trail where action = 'signing-keys.rotated'`;
    expect(actions).toEqual([{ actor_id: root.userId, detail: { reason: 'routine' } }]);
  });

  it('that are in wrong hands are good no more from this moment on', async () => {
    const root = await admin();
    expect((await rotate(root, 'compromised')).status).toBe(204);
    expect(await isGood(root, await keySet())).toBe(false);
    const after = (await drive.refresh(root.refreshToken)).json() as Tokens;
    expect(await isGood(after, await keySet())).toBe(true);
  });

  it('are nobody else’s to rotate', async () => {
    const { email } = await drive.opened('user@example.com');
    expect((await rotate(await drive.signedIn(email), 'routine')).status).toBe(403);
  });
});
