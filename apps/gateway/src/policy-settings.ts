import { setting } from '@ebb/core';
import { webhookSecretsSetting } from './webhooks/webhook-secrets.ts';

/** Far more than people and their pages need, and far less than what brings a service down. */
const MAX_REQUESTS = 10_000;
const MAX_KEYS = 100_000;
const MAX_REMEMBERED = 10_000;
const MAX_TOKEN_BYTES = 8_192;
const CACHE_BYTES = 64 * 1_048_576;
const CACHE_ENTRY_BYTES = 1_048_576;

/** What the gateway's policies can be told. */
export const POLICY_SETTINGS = {
  CLOCK_SKEW: setting.duration({ description: "how far an issuer's clock may be from ours", default: 30_000 }),
  MAX_TOKEN_BYTES: setting.integer({
    description: 'how long an access token may be',
    default: MAX_TOKEN_BYTES,
    min: 1,
  }),
  TOKENS_REMEMBERED: setting.integer({
    description: 'how many verified tokens are remembered',
    default: MAX_REMEMBERED,
    min: 1,
  }),
  KEYS_MAX_AGE: setting.duration({
    description: "how long an issuer's keys are not asked for again",
    default: 600_000,
  }),
  KEYS_MAX_STALE: setting.duration({
    description: 'how much longer they hold while the issuer does not answer',
    default: 3_600_000,
  }),
  CORS_ORIGINS: setting.list({
    description: 'origins whose scripts may read answers, where a route does not say so itself; * is every one',
    default: [],
  }),
  CORS_CREDENTIALS: setting.flag({ description: 'whether scripts of these origins may send cookies', default: false }),
  CORS_HEADERS: setting.list({
    description: 'headers that scripts may send, besides the safe ones',
    default: ['authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key', 'x-request-id'],
  }),
  CORS_MAX_AGE: setting.duration({ description: 'how long browsers need not ask again', default: 600_000 }),
  LIMIT_STORE: setting.choice(['memory', 'postgres'], {
    description: 'where requests are counted: in each replica for itself, or for all of them together',
    default: 'memory',
  }),
  LIMIT_KEYS: setting.integer({
    description: 'how many clients are told apart in memory',
    default: MAX_KEYS,
    min: 1,
  }),
  CLIENT_LIMIT: setting.integer({
    description: 'requests that one client may send in CLIENT_LIMIT_WINDOW, to all routes together; 0 is no limit',
    default: MAX_REQUESTS,
  }),
  CLIENT_LIMIT_WINDOW: setting.duration({ description: 'the time for which CLIENT_LIMIT counts', default: 60_000 }),
  USER_LIMIT: setting.integer({
    description: 'requests that one user may send in USER_LIMIT_WINDOW, to all routes together; 0 is no limit',
    default: MAX_REQUESTS,
  }),
  USER_LIMIT_WINDOW: setting.duration({ description: 'the time for which USER_LIMIT counts', default: 60_000 }),
  CACHE_BYTES: setting.integer({
    description: 'memory for kept answers',
    default: CACHE_BYTES,
    min: 1,
  }),
  CACHE_ENTRY_BYTES: setting.integer({
    description: 'the largest answer that is kept',
    default: CACHE_ENTRY_BYTES,
    min: 1,
  }),
  CACHE_PATIENCE: setting.duration({
    description: 'how long a request waits for the same answer that another one asked for',
    default: 5_000,
  }),
  WEBHOOK_SECRETS: webhookSecretsSetting,
  WEBHOOK_TOLERANCE: setting.duration({
    description: 'how far the time of a webhook may be from ours, and how late it may come',
    default: 300_000,
  }),
} as const;
