import { setting, type ConfigOf, type Settings } from '@ebb/core';
import { INBOX_RETENTION_MS } from '@ebb/postgres';

import type { ServiceDefinition } from '../definition/service.ts';
import { settingsOfNeeds, type NEED_SETTINGS } from '../definition/worker-needs.ts';
import type { WorkerDefinition } from '../definition/worker.ts';

/** What every process of Ebb reads, besides its own settings. */
export const PROCESS_SETTINGS = {
  PORT: setting.port({ description: 'the port to listen on', default: 8080 }),
  HOST: setting.optional(setting.text({ description: 'the address to listen on; every address without it' })),
  K_SERVICE: setting.optional(setting.text({ description: "the Knative Service's name" })),
  K_CONFIGURATION: setting.optional(setting.text({ description: "the Knative Configuration's name" })),
  K_REVISION: setting.optional(setting.text({ description: "the Knative Revision's name" })),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting.optional(setting.url({ description: 'where spans go (OTLP over HTTP)' })),
  EBB_CONTROL_TOKEN: setting.optional(
    setting.secret({ description: 'what the platform shows to ask for dry runs; without it there are none' }),
  ),
  LOG_LEVEL: setting.choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    description: 'the lowest level that is logged',
    default: 'info',
  }),
} as const satisfies Settings;

/** What a service reads as well that has to know who calls. */
const IDENTITY_SETTINGS = {
  EBB_IDENTITY_KEYS: {
    ...setting.text({ description: 'the keys of whoever says who calls; the platform fills it in' }),
    parse: jwkSet,
  },
} as const satisfies Settings;

/** The form only, so that a process that cannot know its callers does not start; the keys are read when the first one comes. */
function jwkSet(text: string): string {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    if (Array.isArray(keys) && keys.length > 0) return text;
  } catch {
    // Said below.
  }
  throw new Error('must be a JWK Set with at least one key: {"keys": [...]}');
}

/** What a service with a database reads as well. */
export function databaseSettings(schema: string) {
  return {
    DATABASE_URL: setting.secret({ description: "the service's PostgreSQL database" }),
    DATABASE_SCHEMA: setting.text({ description: "the service's schema", default: schema }),
    INBOX_RETENTION: setting.duration({
      description: 'how long a delivery is remembered: at least as long as its topic keeps it; the relay checks it',
      default: INBOX_RETENTION_MS,
    }),
  } as const satisfies Settings;
}

export type ProcessConfig = ConfigOf<typeof PROCESS_SETTINGS>;
export type IdentityConfig = ConfigOf<typeof IDENTITY_SETTINGS>;
export type ListenConfig = ConfigOf<(typeof NEED_SETTINGS)['listens']>;
export type DatabaseConfig = ConfigOf<ReturnType<typeof databaseSettings>>;

/** All settings of one process, for one reading of its environment that reports every problem. */
export function settingsOf(definition: ServiceDefinition | WorkerDefinition): Settings {
  const { database } = definition;
  return {
    ...ownSettings(definition),
    ...PROCESS_SETTINGS,
    ...(database && databaseSettings(database.schema)),
    ...(definition.kind === 'service' && definition.needsCaller && IDENTITY_SETTINGS),
  };
}

/** What a definition's code reads: its own settings, and those that come with what a worker needs. */
function ownSettings(definition: ServiceDefinition | WorkerDefinition): Settings {
  return { ...definition.settings, ...(definition.kind === 'worker' && settingsOfNeeds(definition.needs)) };
}

/** The values of these settings, as handlers see them. */
export function ownConfig(
  definition: ServiceDefinition | WorkerDefinition,
  all: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.freeze(Object.fromEntries(Object.keys(ownSettings(definition)).map((name) => [name, all[name]])));
}
