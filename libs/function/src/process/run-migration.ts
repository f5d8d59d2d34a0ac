import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ConfigError, loadConfig, messageOf, setting, systemClock, type Secret } from '@ebb/core';
import { isUnavailable } from '@ebb/postgres';

import type { ServiceDefinition } from '../definition/service.ts';
import type { WorkerDefinition } from '../definition/worker.ts';
import { databaseSettings } from './settings.ts';

/** What makes a database ready reads these, besides what it is for. */
const ADMIN_SETTINGS = {
  DATABASE_ADMIN_URL: setting.optional(
    setting.secret({ description: 'the same database as a role that may create roles and schemas, past any pooler' }),
  ),
  DATABASE_RELAY_ROLE: setting.text({ description: 'the role that publishes outboxes', default: 'ebb_relay' }),
  DATABASE_PATIENCE: setting.duration({ description: 'how long the server may take to answer', default: 60_000 }),
} as const;

const RETRY_MS = 500;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes the database ready for this version of the code, and says what it did: role and schema (with DATABASE_ADMIN_URL), then the tables.
 * Safe to repeat, and by several processes at once. It waits for a server that is not there yet.
 * @throws ConfigError for settings that do not hold
 */
export async function runMigration(
  definition: ServiceDefinition | WorkerDefinition,
  env: Environment,
): Promise<string> {
  if (definition.database) return migrateSchema(definition.database.schema, env);
  return definition.kind === 'worker' && definition.outboxes ? migrateRole(definition.name, env) : NOTHING;
}

const NOTHING = 'there is no database to make ready';

async function migrateSchema(schema: string, env: Environment): Promise<string> {
  const { DATABASE_URL, DATABASE_SCHEMA } = databaseSettings(schema);
  const config = loadConfig({ DATABASE_URL, DATABASE_SCHEMA, ...ADMIN_SETTINGS }, env);
  const { migrate, provision } = await import('@ebb/postgres/migrate');
  const { role, password, directUrl } = accessOf(config);
  const directory = ownMigrations();
  const ran = await withPatience(config.DATABASE_PATIENCE, async () => {
    const { DATABASE_ADMIN_URL: adminUrl, DATABASE_RELAY_ROLE: relayRole } = config;
    if (adminUrl) {
      await provision({ adminUrl: adminUrl.reveal(), role, password, schema: config.DATABASE_SCHEMA, relayRole });
    }
    return migrate({ url: directUrl, schema: config.DATABASE_SCHEMA, ...(directory !== undefined && { directory }) });
  });
  const where = `schema "${config.DATABASE_SCHEMA}"`;
  return ran.length === 0 ? `${where} is up to date` : `${where}: ran ${ran.join(', ')}`;
}

/** A worker that publishes outboxes has no tables of its own: it needs a role, and the services' schemas let that role in. */
async function migrateRole(name: string, env: Environment): Promise<string> {
  const config = loadConfig({ DATABASE_URL: databaseSettings(name).DATABASE_URL, ...ADMIN_SETTINGS }, env);
  const { DATABASE_ADMIN_URL: adminUrl } = config;
  if (!adminUrl) return 'there is no DATABASE_ADMIN_URL: the role is taken as it is';
  const { provisionRole } = await import('@ebb/postgres/migrate');
  const { role, password } = accessOf(config);
  await withPatience(config.DATABASE_PATIENCE, () => provisionRole({ adminUrl: adminUrl.reveal(), role, password }));
  return `role "${role}" can log in`;
}

interface Access {
  readonly role: string;
  readonly password: string;
  /** The app's own role, where the administrator connects: locks of a session do not go through every pooler. */
  readonly directUrl: string;
}

function accessOf(config: { readonly DATABASE_URL: Secret; readonly DATABASE_ADMIN_URL: Secret | undefined }): Access {
  const own = urlOf('DATABASE_URL', config.DATABASE_URL);
  const direct = config.DATABASE_ADMIN_URL ? urlOf('DATABASE_ADMIN_URL', config.DATABASE_ADMIN_URL) : new URL(own);
  if (config.DATABASE_ADMIN_URL && (own.username === '' || own.password === '')) {
    throw new ConfigError([
      'DATABASE_URL must have a user and a password: DATABASE_ADMIN_URL is there to make that role',
    ]);
  }
  [direct.username, direct.password] = [own.username, own.password];
  return {
    role: decodeURIComponent(own.username),
    password: decodeURIComponent(own.password),
    directUrl: direct.href,
  };
}

function urlOf(name: string, value: Secret): URL {
  const url = URL.canParse(value.reveal()) ? new URL(value.reveal()) : undefined;
  if (!url) throw new ConfigError([`${name} is no URL: postgres://user:password@host:5432/database`]);
  return url;
}

/** The app's own SQL files lie beside the file that node runs. */
function ownMigrations(): string | undefined {
  const directory = join(dirname(realpathSync(process.argv[1] ?? '.')), 'migrations');
  return existsSync(directory) ? directory : undefined;
}

/** A database and what needs it are often started at the same moment. */
async function withPatience<T>(patienceMs: number, run: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isUnavailable(error) || Date.now() + RETRY_MS > deadline) throw error;
      process.stderr.write(`waiting for PostgreSQL: ${messageOf(error)}\n`);
      await systemClock.sleep(RETRY_MS);
    }
  }
}
