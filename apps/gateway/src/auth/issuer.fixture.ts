import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '@ebb/core';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type { Issuer } from '../routing/gateway-route.ts';

export const AUDIENCE = 'ebb';

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function signingKey(alg = 'EdDSA', kid: string = newId()): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer of tokens, with a JWK Set on a real server. */
export class TestIssuer {
  readonly #server: Server;
  /** What is published. */
  keys: JWK[] = [];
  /** How many times it was read. */
  reads = 0;
  /** Answers instead of the keys. */
  answer: RequestListener | undefined;
  key!: SigningKey;

  constructor() {
    this.#server = createServer((request, response) => {
      this.reads += 1;
      if (this.answer) this.answer(request, response);
      else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: this.keys }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`;
  }

  get declaration(): Issuer {
    return { issuer: 'urn:test:issuer', jwksUrl: this.url, audience: AUDIENCE, service: 'accounts' };
  }

  static async start(alg = 'EdDSA'): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    await issuer.rotate(alg);
    return issuer;
  }

  /** Signs with a new key from now on; the old ones stay published. */
  async rotate(alg = 'EdDSA'): Promise<void> {
    this.key = await signingKey(alg);
    this.keys = [...this.keys, this.key.publicJwk];
  }

  /** A token that is right in all that is not given. */
  async token(
    claims: JWTPayload = {},
    { key = this.key, header = {} }: { key?: SigningKey; header?: Record<string, unknown> } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const whole = { iss: 'urn:test:issuer', aud: AUDIENCE, sub: 'user-1', iat: now, exp: now + 300, ...claims };
    return new SignJWT(whole).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
