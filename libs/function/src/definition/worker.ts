import type { ConfigOf, Logger, Settings } from '@ebb/core';
import type { Telemetry } from '@ebb/telemetry';

import type { Metrics } from '../process/metrics.ts';
import type { NoSettings } from './no-settings.ts';
import { schemaOf } from './schema-of.ts';
import { definitionOf, type DefinitionChecks } from './validate.ts';
import {
  settingsOfNeeds,
  type GivenByNeeds,
  type ListenAddress,
  type SettingsOfNeeds,
  type WorkerDatabase,
  type WorkerNeeds,
} from './worker-needs.ts';

interface CommonContext {
  readonly log: Logger;
  readonly tracer: Telemetry['tracer'];
  /** What `GET /metrics` answers. */
  readonly metrics: Metrics;
  /** Aborted by SIGTERM: finish what is in hand, then return. */
  readonly signal: AbortSignal;
  /** Call it once the worker does its work: readiness answers 200 from then on. */
  readonly ready: () => void;
  /** Call it when the worker cannot do its work for now: readiness answers 503 with the reason until `ready` is called again. */
  readonly notReady: (reason: string) => void;
}

/** What a worker runs with: its settings, those that come with its needs, and what it asked for. */
export type WorkerContext<S extends Settings = NoSettings, N extends WorkerNeeds = NoNeeds> = CommonContext &
  GivenByNeeds<N> & { readonly config: ConfigOf<S & SettingsOfNeeds<N>> };

/** The context of whatever worker, as the process makes it. */
export interface AnyWorkerContext extends CommonContext {
  readonly config: Readonly<Record<string, unknown>>;
  readonly listen?: ListenAddress;
  readonly database?: WorkerDatabase;
}

// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a worker that asks for nothing
type NoNeeds = Readonly<Record<never, never>>;

/** `N` in pieces, for each of which TypeScript finds out what was given. */
export interface WorkerOptions<S extends Settings = Settings, N extends WorkerNeeds = WorkerNeeds> {
  /** An HTTP server of its own, on `context.listen`. `public`: strangers may reach it. */
  readonly listens?: N['listens'];
  /** It reads what is installed: CATALOGUE_FILE, which is replaced whenever that changes. */
  readonly catalogue?: N['catalogue'];
  /** It reads topics: EVENT_LOG_URL. */
  readonly eventLog?: N['eventLog'];
  /** It tells services who calls: EBB_IDENTITY_KEY. */
  readonly identity?: N['identity'];
  /** It calls services, whichever there are: SERVICES_URL. */
  readonly services?: N['services'];
  /** A schema and a role of its own, as `context.database`; the folder of its own SQL files, relative to the app. */
  readonly database?: N['database'];
  readonly settings?: S;
  /** The worker publishes the outboxes of all services: it is given EVENT_LOG_URL, OUTBOX_SCHEMAS and TOPICS. */
  readonly outboxes?: boolean;
  /** Runs until `signal` is aborted. Returning earlier, or rejecting, ends the process with exit code 1. */
  readonly run: (context: WorkerContext<S, N>) => Promise<void>;
}

export interface WorkerDefinition {
  readonly kind: 'worker';
  readonly name: string;
  readonly outboxes: boolean;
  readonly needs: WorkerNeeds;
  /** `schema` is the default of DATABASE_SCHEMA. */
  readonly database: { readonly migrations: string; readonly schema: string } | undefined;
  /** The worker's own settings; those that come with its needs are the runtime's. */
  readonly settings: Settings;
  readonly run: (context: AnyWorkerContext) => Promise<void>;
}

/**
 * Defines a worker: a process that is always on, and works from its own loop or its own server.
 * @throws EbbError EBB_DEFINITION, naming the worker and the field
 */
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- what is given for each need says what the context has */
export function defineWorker<
  const S extends Settings = NoSettings,
  const L extends WorkerNeeds['listens'] = undefined,
  const D extends WorkerNeeds['database'] = undefined,
  const C extends boolean = false,
  const E extends boolean = false,
  const I extends boolean = false,
  const R extends boolean = false,
>(
  name: string,
  options: WorkerOptions<S, { listens: L; database: D; catalogue: C; eventLog: E; identity: I; services: R }>,
): WorkerDefinition {
  /* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */
  const check = definitionOf('worker', name);
  check.name();
  const { settings = {}, outboxes = false, run } = options;
  const { listens, catalogue, eventLog, identity, services, database } = options;
  const needs: WorkerNeeds = {
    ...(listens && { listens: { public: listens.public } }),
    ...(catalogue === true && { catalogue }),
    ...(eventLog === true && { eventLog }),
    ...(identity === true && { identity }),
    ...(services === true && { services }),
    ...(database && { database }),
  };
  checkNeeds(check, needs, settings, outboxes);
  return Object.freeze({
    kind: 'worker',
    name,
    outboxes,
    needs,
    database: database && { migrations: database.migrations, schema: schemaOf(name) },
    settings,
    // loadConfig reads exactly these settings, and the process gives what the needs say, so the context has the promised shape.
    run: run as unknown as WorkerDefinition['run'],
  } satisfies WorkerDefinition);
}

function checkNeeds(check: DefinitionChecks, needs: WorkerNeeds, settings: Settings, outboxes: boolean): void {
  check.that(
    !(outboxes && needs.database),
    'database',
    'is not for a worker with outboxes, which works on those of others',
  );
  for (const name of Object.keys(settingsOfNeeds(needs))) {
    check.that(!(name in settings), `settings.${name}`, 'comes with what the worker needs: leave it out');
  }
}
