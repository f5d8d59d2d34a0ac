import { verifiesIdentity, type CatalogueEntry } from '@ebb/catalogue';
import type { Secret } from '@ebb/core';
import type { DatabaseAccess } from './databases.ts';

/** What this machine's platform has for those that ask for it. */
export interface PlatformParts {
  readonly otlpUrl: string;
  /** The address of a service on this machine. */
  readonly urlOf: (service: string) => string;
  /** What services know the platform by. */
  readonly controlToken: Secret;
  /** The database, as the role that publishes outboxes. */
  readonly relayUrl: Secret;
  /** Where the event log is: for those who write to it, and for those who only read. */
  readonly logUrl: { readonly write: Secret; readonly read: Secret };
  readonly schemas: readonly string[];
  readonly topics: readonly string[];
  readonly catalogueFile: string;
  /** The keys that callers are vouched for with, and by which services know that they were. */
  readonly identityKeys: () => { readonly privateJwk: string; readonly publicJwks: string };
}

type Variables = Readonly<Record<string, string>>;

/** The variables that an app gets from the platform, by what its definition says that it needs. */
export function platformVariables(
  entry: CatalogueEntry,
  database: DatabaseAccess | undefined,
  platform: PlatformParts,
): Variables {
  return {
    // This machine only: what is reached from outside goes through the one port.
    HOST: '127.0.0.1',
    ...(database && { DATABASE_URL: database.url.reveal(), DATABASE_SCHEMA: database.schema }),
    OTEL_EXPORTER_OTLP_ENDPOINT: platform.otlpUrl,
    ...(entry.kind === 'service' ? ofService(entry, platform) : ofWorker(entry, platform)),
    ...addressesOf(entry, platform),
  };
}

function ofService(entry: CatalogueEntry, { controlToken, identityKeys }: PlatformParts): Variables {
  return {
    EBB_CONTROL_TOKEN: controlToken.reveal(),
    ...(verifiesIdentity(entry) && { EBB_IDENTITY_KEYS: identityKeys().publicJwks }),
  };
}

function ofWorker(entry: CatalogueEntry, platform: PlatformParts): Variables {
  const { outboxes, eventLog, catalogue, signsIdentity, services } = entry;
  return {
    ...(eventLog && { EVENT_LOG_URL: platform.logUrl.read.reveal() }),
    ...(outboxes && {
      DATABASE_URL: platform.relayUrl.reveal(),
      EVENT_LOG_URL: platform.logUrl.write.reveal(),
      OUTBOX_SCHEMAS: platform.schemas.join(','),
      TOPICS: platform.topics.join(','),
    }),
    ...(catalogue && { CATALOGUE_FILE: platform.catalogueFile }),
    ...(signsIdentity && { EBB_IDENTITY_KEY: platform.identityKeys().privateJwk }),
    ...(services && { SERVICES_URL: platform.urlOf('{service}') }),
  };
}

/** Where the services are that the app calls by name. */
function addressesOf({ settings }: CatalogueEntry, { urlOf }: PlatformParts): Variables {
  return Object.fromEntries(
    settings.flatMap(({ name, service }) => (service === undefined ? [] : [[name, urlOf(service)] as const])),
  );
}
