import { setting, type Settings } from '@ebb/core';
import type { Database } from '@ebb/postgres';

import type { NoSettings } from './no-settings.ts';

/** What a worker asks of the platform that runs it. */
export interface WorkerNeeds {
  /** It serves HTTP of its own; `public` says whether strangers may reach it, past the cluster's border. */
  readonly listens?: { readonly public: boolean } | undefined;
  /** It reads the catalogue of what is installed: CATALOGUE_FILE, which is replaced whenever that changes. */
  readonly catalogue?: boolean;
  /** It reads topics: EVENT_LOG_URL, with leave to read and no more. */
  readonly eventLog?: boolean;
  /** It tells services who calls: EBB_IDENTITY_KEY, the private key to sign that with. */
  readonly identity?: boolean;
  /** It calls services, whichever there are: SERVICES_URL, and leave to reach them. */
  readonly services?: boolean;
  /** The folder of its own SQL files, relative to the app: it has a schema and a role of its own. */
  readonly database?: { readonly migrations: string } | undefined;
}

/** Where a worker that listens does so. */
export interface ListenAddress {
  readonly port: number;
  /** Every address without it. */
  readonly host: string | undefined;
}

/** The schema of a worker in PostgreSQL; events that a transaction enqueues are published as those of services are. */
export type WorkerDatabase = Pick<Database, 'db' | 'transaction' | 'ping'>;

/** What each need adds to the settings. */
export const NEED_SETTINGS = {
  listens: {
    LISTEN_PORT: setting.port({ description: "the port of the worker's own HTTP server", default: 8081 }),
  },
  catalogue: {
    CATALOGUE_FILE: setting.text({
      description: 'the catalogue of what is installed, as JSON; replaced as a whole whenever it changes',
    }),
  },
  eventLog: {
    EVENT_LOG_URL: setting.secret({ description: 'the event log that topics are read from' }),
  },
  identity: {
    EBB_IDENTITY_KEY: setting.secret({
      description: 'the private key (JWK, Ed25519) that callers are vouched for with',
    }),
  },
  services: {
    SERVICES_URL: setting.text({
      description: 'where a service is: {service} in it stands for the name, as in http://{service}.localhost:8080',
    }),
  },
} as const satisfies Readonly<Record<string, Settings>>;

type NeedSettings = typeof NEED_SETTINGS;

/** The settings that come with needs. */
export type SettingsOfNeeds<N extends WorkerNeeds> = AddedBy<N, 'catalogue'> &
  AddedBy<N, 'eventLog'> &
  AddedBy<N, 'identity'> &
  AddedBy<N, 'services'>;

type AddedBy<N extends WorkerNeeds, Need extends keyof NeedSettings & keyof N> = N[Need] extends true
  ? NeedSettings[Need]
  : NoSettings;

/** The members of the context that come with needs. */
export type GivenByNeeds<N extends WorkerNeeds> = (N['listens'] extends object
  ? { readonly listen: ListenAddress }
  : unknown) &
  (N['database'] extends object ? { readonly database: WorkerDatabase } : unknown);

/** The settings that these needs come to, by name. */
export function settingsOfNeeds(needs: WorkerNeeds): Settings {
  const added = Object.entries(NEED_SETTINGS).filter(([need]) => Boolean(needs[need as keyof WorkerNeeds]));
  return Object.assign({}, ...added.map(([, settings]) => settings)) as Settings;
}
