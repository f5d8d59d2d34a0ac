import type { CatalogueEntry } from '@ebb/catalogue';
import { deferred, Secret, type Logger } from '@ebb/core';
import { startTelemetry } from '@ebb/telemetry';
import { forwarderTo, spanExporterOf, type Forwarder } from '@ebb/traces';
import { routedLetters } from './dead/routed-letters.ts';
import { CatalogueFile } from './deploy/catalogue-file.ts';
import { LOG_READER_ROLE, RELAY_ROLE, urlAs } from './deploy/databases.ts';
import { Deployer } from './deploy/deployer.ts';
import { IdentityKeys } from './deploy/identity-keys.ts';
import { readManifests } from './deploy/manifest-files.ts';
import { RolePasswords } from './deploy/role-passwords.ts';
import { describeAll, SourceWatch } from './deploy/sources.ts';
import { createEventing, type Eventing } from './eventing/index.ts';
import { Front } from './front/front.ts';
import { ServiceLogs } from './logger.ts';
import { step, type OnProgress } from './progress.ts';
import { createServing, type Serving } from './serving/index.ts';
import { awaitKafka, checkKafka, chooseKafka, type KafkaChoice } from './start/kafka.ts';
import { platformHandlers } from './start/platform.ts';
import { startDatabaseServer } from './start/postgres.ts';
import { StopStack } from './start/stop-stack.ts';
import { openStores, type Stores } from './start/stores.ts';
import { startTraceReceiver } from './start/trace-receiver.ts';
import { Workspace } from './start/workspace.ts';
import type { RunningRuntime } from './workspace/index.ts';

/** No database role: the name that the platform's own secret is kept by. */
const CONTROL = 'control';

export interface LocalOptions {
  /** The workspace's folder. */
  readonly root: string;
  /** The port to use, 0 for any that is free; without it 8080, or the next free one. */
  readonly port?: number;
  /** A collector (OTLP/HTTP) that also gets every span. */
  readonly forwardTracesTo?: string;
  /** The event log in Kafka: `embedded` for one that is started here, or an address (`host:port`, `kafka://…`). Default: in PostgreSQL. */
  readonly kafka?: string;
  /** Files and folders with Knative manifests, beside the workspace's own apps. */
  readonly manifests?: readonly string[];
  /** Whether changed sources are reloaded. Default: they are. */
  readonly watch?: boolean;
  readonly onProgress?: OnProgress;
  /** This process's environment; services get the few variables that any program needs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Stops the runtime, also while it starts. */
  readonly signal?: AbortSignal;
}

export interface LocalRuntime {
  readonly running: Omit<RunningRuntime, 'pid' | 'startedAt'>;
  /** From the call to being ready for events. */
  readonly readyMs: number;
  /** What can be reached; public is what strangers are meant to reach. */
  readonly services: readonly { readonly name: string; readonly url: string; readonly isPublic: boolean }[];
  /** An event type that is worth trying first. */
  readonly example: string | undefined;
  /** Settles when everything has been stopped. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Ebb on this machine: PostgreSQL, event log, eventing, serving, traces, and the services of the workspace.
 * What was started is stopped again when the start fails.
 * @throws AlreadyRunningError · EbbError EBB_USAGE (ports, manifests) · BuildError
 */
export async function startLocal(options: LocalOptions): Promise<LocalRuntime> {
  const stack = new StopStack();
  try {
    return await start(options, stack);
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function start(options: LocalOptions, stack: StopStack): Promise<LocalRuntime> {
  const { root, signal, onProgress = () => undefined, watch: isWatching = true } = options;
  const startedAt = Date.now();
  if (options.kafka !== undefined) checkKafka({ ...options, kafka: options.kafka });
  const workspace = Workspace.claim(root, onProgress, stack);
  const { state, config, logger } = workspace;
  const manifests = readManifests(options.manifests ?? [], onProgress);

  const front = new Front();
  stack.push('the front', () => front.close());
  const port = await workspace.listen(front.server, options.port);

  const starting = [
    step(onProgress, 'PostgreSQL', () => startDatabaseServer(state.folder('postgres'), onProgress, stack)),
    step(onProgress, 'Services built', () => describeAll(root, state.folder('build'))),
    startLog({ ...options, state, onProgress, signal, stack }),
  ] as const;
  // What one of them started is there to be stopped when another fails.
  await Promise.allSettled(starting);
  const [postgres, apps, kafkaUrl] = await Promise.all(starting);
  signal?.throwIfAborted();

  const passwords = new RolePasswords(state);
  const stores = await step(onProgress, 'Event log and traces', () =>
    openStores({
      adminUrl: postgres.url,
      passwords,
      logger,
      stack,
      openLog: kafkaUrl === undefined ? undefined : () => awaitKafka(kafkaUrl, { logger, onProgress, signal }),
    }),
  );
  const forwarder = openForwarder(options.forwardTracesTo, logger, stack);
  const otlpPort = await startTraceReceiver(stores.traces, { forwarder, logger }, stack);
  const [url, otlpUrl] = [`http://localhost:${port}`, `http://127.0.0.1:${otlpPort}`];

  const exporter = spanExporterOf(stores.traces, 'ebb', { logger, ...(forwarder && { forwardTo: forwarder }) });
  const { serving, eventing, describeWith } = startEngines({
    ...options,
    workspace,
    stores,
    exporter,
    port,
    onProgress,
    stack,
  });
  const controlToken = new Secret(passwords.of(CONTROL));
  const roleUrl = (role: string): Secret => urlAs(postgres.url, role, passwords.of(role));
  const kafka = kafkaUrl === undefined ? undefined : new Secret(kafkaUrl);
  const identityKeys = new IdentityKeys(state);
  const deployer = new Deployer({
    serving,
    eventing,
    config,
    manifests,
    database: { adminUrl: postgres.url, passwords },
    catalogueFile: new CatalogueFile(state),
    onProgress,
    platform: {
      otlpUrl,
      urlOf: urlOf(port),
      controlToken,
      relayUrl: roleUrl(RELAY_ROLE),
      logUrl: { write: kafka ?? roleUrl(RELAY_ROLE), read: kafka ?? roleUrl(LOG_READER_ROLE) },
      identityKeys: () => identityKeys.get(),
    },
  });
  describeWith(() => deployer.entries);
  await step(onProgress, 'Services started', () => deployer.deploy(apps));
  signal?.throwIfAborted();

  const watch = new SourceWatch({ root, buildFolder: state.folder('build'), deployer, onProgress });
  const parts = { stores, serving, eventing, deployer, watch, logger, controlToken, url, otlpUrl, startedAt };
  front.open({ serving, platform: platformHandlers(parts) });
  const running = { port, otlpPort, url };
  state.announce(running);
  if (isWatching) {
    stack.push('the source watch', () => watch.stop());
    watch.start().catch((error: unknown) => logger.error({ err: error }, 'sources are not watched'));
  }
  return {
    running,
    readyMs: Date.now() - startedAt,
    services: reachable(serving, deployer.entries),
    example: exampleOf(deployer.entries),
    ...stopping(stack, signal),
  };
}

/** Services, and before them the workers that strangers are meant to come to. */
function reachable(serving: Serving, entries: readonly CatalogueEntry[]): LocalRuntime['services'] {
  const isPublic = new Map(entries.map(({ name, listens }) => [name, listens?.public === true]));
  return serving
    .status()
    .flatMap(({ name, kind, url }) => {
      const own = { name, url: url ?? '', isPublic: isPublic.get(name) ?? false };
      return url !== undefined && (kind === 'service' || own.isPublic) ? [own] : [];
    })
    .sort((one, other) => Number(other.isPublic) - Number(one.isPublic));
}

/** The address of the Kafka that was asked for, if any. */
function startLog({
  kafka,
  ...rest
}: Omit<KafkaChoice, 'kafka'> & Pick<LocalOptions, 'kafka'>): Promise<string | undefined> {
  if (kafka === undefined) return Promise.resolve(undefined);
  return step(rest.onProgress, 'Kafka', () => chooseKafka({ ...rest, kafka }));
}

interface Engines {
  readonly serving: Serving;
  readonly eventing: Eventing;
  /** Gives eventing the catalogue, which comes into being after it. */
  readonly describeWith: (entries: () => readonly CatalogueEntry[]) => void;
}

interface EngineOptions {
  readonly workspace: Workspace;
  readonly stores: Stores;
  /** Takes the runtime's own spans. */
  readonly exporter: ReturnType<typeof spanExporterOf>;
  readonly port: number;
  readonly environment: LocalOptions['environment'];
  readonly onProgress: OnProgress;
  readonly stack: StopStack;
}

function startEngines(options: EngineOptions): Engines {
  const { workspace, stores, exporter, port, environment, onProgress, stack } = options;
  const { state, config, logger, ledger } = workspace;
  const telemetry = startTelemetry({ service: 'ebb', exporter });
  stack.push('telemetry', () => telemetry.shutdown());
  const logs = new ServiceLogs(state.folder('logs'), onProgress);
  const serving = createServing({
    tracer: telemetry.tracer,
    logger,
    environment,
    autoscaler: config.autoscaler,
    urlOf: urlOf(port),
    onLog: ({ service, line }) => logs.write(service, line),
    onProcess: ({ pid }, what) => (what === 'started' ? ledger.started(pid) : ledger.exited(pid)),
  });
  stack.push('the services', () => serving.stop());
  let catalogue: () => readonly CatalogueEntry[] = () => [];
  const eventing = createEventing({
    ...stores,
    deadLetters: routedLetters(stores.deadLetters, stores.pool, () => catalogue()),
    serving,
    logger,
    tracer: telemetry.tracer,
    catalogue: () => catalogue(),
    onTrap: ({ trap, name, subject, message }) =>
      onProgress({ kind: 'warning', message: `trap ${trap} (${name}), ${subject}: ${message}` }),
  });
  stack.push('eventing', () => eventing.stop());
  return { serving, eventing, describeWith: (entries) => (catalogue = entries) };
}

/** As in the cluster, each service has a host of its own. */
function urlOf(port: number): (service: string) => string {
  return (service) => `http://${service}.localhost:${port}`;
}

/** Where every span goes besides the local store: those of the services and the runtime's own. */
function openForwarder(url: string | undefined, logger: Logger, stack: StopStack): Forwarder | undefined {
  if (url === undefined) return undefined;
  const forwarder = forwarderTo(url, { logger });
  stack.push('forwarding of traces', () => forwarder.close());
  return forwarder;
}

function stopping(stack: StopStack, signal: AbortSignal | undefined): Pick<LocalRuntime, 'stop' | 'stopped'> {
  const { promise: stopped, resolve } = deferred();
  let unwinding: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    unwinding ??= stack.unwind();
    resolve(unwinding);
    return unwinding;
  };
  if (signal?.aborted) void stop();
  else signal?.addEventListener('abort', () => void stop(), { once: true });
  return { stop, stopped };
}

/** Something from outside that starts a chain: of the types that routes publish, the one that most functions take. */
function exampleOf(entries: readonly CatalogueEntry[]): string | undefined {
  const taken = entries.flatMap(({ functions }) => functions.flatMap(({ on }) => on));
  const takersOf = (type: string) => taken.filter((each) => each === type).length;
  const fromRoutes = entries.flatMap(({ routes }) => routes.flatMap(({ emits }) => emits));
  const [most = ''] = fromRoutes.toSorted((one, other) => takersOf(other) - takersOf(one));
  return takersOf(most) > 0 ? most : taken[0];
}
