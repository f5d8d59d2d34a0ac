import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Secret, type Json } from '@ebb/core';
import { ChallengeIssued, type ChallengePurpose } from '@ebb/schemas';
import { testService, type Reply, type TestService } from '@ebb/testing';
import { ISSUER } from './actions/access-token.ts';
import type { Tokens } from './actions/tokens.ts';
import { HASHED } from './crypto/password-hash.ts';
import { accounts } from './service.ts';

const secretOf = (letter: string): Secret => new Secret(Buffer.alloc(32, letter).toString('base64'));

const DAY_MS = 86_400_000;
export const CONFIG = {
  // As cheap as scrypt can be: what is tested is how often, not how long.
  PASSWORD_COST: 1,
  PASSWORD_CONCURRENCY: 2,
  TOKEN_KEY: secretOf('t'),
  KEY_ENCRYPTION_KEY: secretOf('k'),
  KEY_ENCRYPTION_KEY_BEFORE: undefined,
  CONTACT_TOKEN: new Secret('contact-token'),
  ADMIN_EMAILS: ['root@example.com'],
  ACCESS_TOKEN_LIFETIME: 300_000,
  // Longer than any test takes, however slow the machine.
  REFRESH_GRACE: 600_000,
  SESSION_IDLE: 30 * DAY_MS,
  SESSION_MAX: 90 * DAY_MS,
  KEY_LIFETIME: 30 * DAY_MS,
  AUDIT_RETENTION: 400 * DAY_MS,
} as const;

export const PASSWORD = 'seven lamps on the pier';

/** The accounts service, and what people do with it. */
export interface AccountsDrive {
  readonly service: TestService;
  post(path: string, body: Json, options?: { as?: Tokens; from?: string }): Promise<Reply>;
  send(method: string, path: string, options?: { as?: Tokens; body?: Json; from?: string }): Promise<Reply>;
  signUp(email: string, password?: string): Promise<Reply>;
  /** The token in the mail that a request led to; undefined when it led to none. */
  mailed(reply: Reply, purpose?: ChallengePurpose): Promise<Message | undefined>;
  /** An account that is verified. */
  opened(email: string, password?: string): Promise<{ readonly userId: string; readonly email: string }>;
  signIn(email: string, options?: { password?: string; code?: string; from?: string }): Promise<Reply>;
  signedIn(email: string, options?: { code?: string }): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Reply>;
}

export interface Message {
  readonly email: string;
  readonly name?: string;
  readonly purpose: ChallengePurpose;
  readonly token?: string;
}

export async function startAccounts(
  config: Partial<Record<keyof typeof CONFIG, unknown>> = {},
): Promise<AccountsDrive> {
  const migrations = new URL('../migrations', import.meta.url);
  const service = await testService(accounts, { migrations, config: { ...CONFIG, ...config } });
  const send: AccountsDrive['send'] = (method, path, { as, body, from = '192.0.2.1' } = {}) =>
    service.request(method, path, {
      headers: { 'x-forwarded-for': from, 'user-agent': 'a test' },
      ...(body !== undefined && { body }),
      ...(as && { as: { subject: as.userId, sessionId: as.sessionId, roles: rolesIn(as), issuer: ISSUER } }),
    });
  const post: AccountsDrive['post'] = (path, body, options) => send('POST', path, { ...options, body });
  const drive: AccountsDrive = {
    service,
    send,
    post,
    signUp: (email, password = PASSWORD) => post('/sign-ups', { email, password }),
    mailed: async ({ emitted }, purpose) => {
      const issued = emitted.find(
        ({ type, data }) => type === ChallengeIssued.type && (!purpose || purposeIn(data) === purpose),
      );
      if (!issued) return undefined;
      const { challengeId } = ChallengeIssued.parse(issued.data);
      const told = await service.request('GET', `/challenges/${challengeId}/message`, { bearer: 'contact-token' });
      return told.status === 200 ? (told.json() as Message) : undefined;
    },
    opened: async (email, password = PASSWORD) => {
      const message = await drive.mailed(await drive.signUp(email, password));
      const { userId } = (await post('/verifications', { token: message?.token ?? '' })).json() as { userId: string };
      return { userId, email };
    },
    signIn: (email, { password = PASSWORD, from = '192.0.2.1', code } = {}) =>
      post('/sessions', { email, password, ...(code !== undefined && { code }) }, { from }),
    signedIn: async (email, options) => (await drive.signIn(email, options)).json() as Tokens,
    refresh: (refreshToken) => post('/sessions/refresh', { refreshToken }),
  };
  return drive;
}

const purposeIn = (data: unknown): ChallengePurpose => ChallengeIssued.parse(data).purpose;

/** What an access token says, as the gateway would read it. */
export function claimsOf({ accessToken }: Pick<Tokens, 'accessToken'>): Record<string, unknown> {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

const rolesIn = (tokens: Tokens): string[] => claimsOf(tokens).roles as string[];

/** How many passwords were hashed while something was done. */
export async function hashesDuring(run: () => Promise<unknown>): Promise<number> {
  let hashes = 0;
  const count = (): void => void (hashes += 1);
  subscribe(HASHED, count);
  try {
    await run();
  } finally {
    unsubscribe(HASHED, count);
  }
  return hashes;
}

/** What a client sees of an answer, without what no two answers share. */
export function seenIn({ status, headers, text }: Reply): unknown {
  const shared = Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, headers: Object.fromEntries(shared), text: text.replaceAll(/"requestId":"[^"]*"/g, '') };
}
