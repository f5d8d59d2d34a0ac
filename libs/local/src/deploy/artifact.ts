import type { BuiltService } from '@ebb/build';
import type { CatalogueEntry } from '@ebb/catalogue';
import type { Secret } from '@ebb/core';
import type { Artifact } from '../serving/serving.ts';
import type { WorkspaceConfig } from '../workspace/config.ts';
import type { DatabaseAccess } from './databases.ts';

export interface ArtifactContext {
  readonly otlpUrl: string;
  /** The address of a service on this machine. */
  readonly urlOf: (service: string) => string;
  readonly config: WorkspaceConfig;
  /** What services know the platform by. */
  readonly controlToken: Secret;
  /** What a worker that publishes outboxes gets besides. */
  readonly relay: {
    readonly url: Secret;
    /** Where the event log is. */
    readonly logUrl: Secret;
    readonly schemas: readonly string[];
    readonly topics: readonly string[];
  };
}

/** How a built app is run on this machine: the same program and settings as in an image. */
export function artifactOf(
  app: BuiltService,
  entry: CatalogueEntry,
  database: DatabaseAccess | undefined,
  { otlpUrl, urlOf, config, controlToken, relay }: ArtifactContext,
): Artifact {
  return {
    command: [process.execPath, app.main],
    cwd: app.directory,
    hash: app.hash,
    env: {
      // This machine only: what is reached from outside goes through the one port.
      HOST: '127.0.0.1',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      ...(entry.kind === 'service' && { EBB_CONTROL_TOKEN: controlToken.reveal() }),
      ...(database && { DATABASE_URL: database.url.reveal(), DATABASE_SCHEMA: database.schema }),
      ...(entry.outboxes && {
        DATABASE_URL: relay.url.reveal(),
        EVENT_LOG_URL: relay.logUrl.reveal(),
        OUTBOX_SCHEMAS: relay.schemas.join(','),
        TOPICS: relay.topics.join(','),
      }),
      ...addressesOf(entry, urlOf),
      ...config.env['*'],
      ...config.env[app.name],
    },
  };
}

/** Where the services are that the app calls. */
function addressesOf({ settings }: CatalogueEntry, urlOf: ArtifactContext['urlOf']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    settings.flatMap(({ name, service }) => (service === undefined ? [] : [[name, urlOf(service)] as const])),
  );
}
