import { setting } from '@ebb/core';

const DAY_MS = 86_400_000;

export const PASSWORD_SETTINGS = {
  PASSWORD_COST: setting.integer({
    description:
      'the binary logarithm of scrypt’s N: with each, a password takes twice the time and memory (15: 32 MiB)',
    default: 15,
    min: 14,
    max: 20,
  }),
  PASSWORD_CONCURRENCY: setting.integer({
    description: 'how many passwords one process hashes at a time; each takes one of Node’s four threads',
    default: 2,
    min: 1,
    max: 64,
  }),
};

/** What tokens of mails and sessions, and keyed hashes, are derived from. */
export const TOKEN_SETTINGS = {
  TOKEN_KEY: setting.key({
    description: 'what tokens in mails, refresh tokens and keyed hashes are derived from: 32 bytes in base64',
  }),
};

export const SEALING_SETTINGS = {
  KEY_ENCRYPTION_KEY: setting.key({
    description: 'encrypts signing keys and the secrets of authenticators in the database: 32 bytes in base64',
  }),
  KEY_ENCRYPTION_KEY_BEFORE: setting.optional(
    setting.key({ description: 'the KEY_ENCRYPTION_KEY before this one, while what it encrypted is still there' }),
  ),
};

export const CONTACT_SETTINGS = {
  CONTACT_TOKEN: setting.secret({
    description: 'the bearer token of services that may ask for addresses and tokens of mails',
  }),
};

export const ADMIN_SETTINGS = {
  ADMIN_EMAILS: setting.list({
    description: 'who becomes an administrator on signing in, as long as there is none',
    default: [],
  }),
};

export const ACCESS_TOKEN_SETTINGS = {
  ACCESS_TOKEN_LIFETIME: setting.duration({
    description: 'how long an access token is good; for so long somebody who was signed out may still be let in',
    default: 5 * 60_000,
  }),
  SESSION_IDLE: setting.duration({ description: 'how long a session lasts without a refresh', default: 30 * DAY_MS }),
  REFRESH_GRACE: setting.duration({
    description: 'for how long a refresh token that was just used gives the same next one, for tabs and lost answers',
    default: 10_000,
  }),
  SESSION_MAX: setting.duration({ description: 'how long a session lasts at most', default: 90 * DAY_MS }),
};

export const KEY_SETTINGS = {
  KEY_LIFETIME: setting.duration({
    description: 'how long one key signs before the next takes over',
    default: 30 * DAY_MS,
  }),
};

export const RETENTION_SETTINGS = {
  AUDIT_RETENTION: setting.duration({ description: 'how long the audit trail is kept', default: 400 * DAY_MS }),
};
