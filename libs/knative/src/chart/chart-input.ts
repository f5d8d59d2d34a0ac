import { verifiesIdentity, type CatalogueEntry, type ListenEntry, type SettingEntry } from '@ebb/catalogue';
import { resourcesOf } from '../derive/resources-of.ts';
import type {
  Broker,
  Container,
  Deployment,
  KnativeService,
  PingSource,
  Resource,
  Trigger,
} from '../resources/resources.ts';

const APP_LABEL = 'app.kubernetes.io/name';

/** What the chart's templates loop over: all that follows from definitions, and nothing that an installation decides. */
export interface ChartInput {
  /** By name. */
  readonly apps: Readonly<Record<string, ChartApp>>;
  readonly brokers: readonly ChartResource<Broker>[];
  readonly triggers: readonly (ChartResource<Trigger> & { readonly function: string })[];
  readonly pingSources: readonly ChartResource<PingSource>[];
}

/** One deployable: a Knative Service, or a Deployment where it is a worker. */
export interface ChartApp {
  readonly kind: CatalogueEntry['kind'];
  readonly outboxes: boolean;
  /** Of a worker with an HTTP server of its own. */
  readonly listens?: ListenEntry;
  /** Which of the platform's parts it works with. */
  readonly catalogue?: boolean;
  readonly eventLog?: boolean;
  readonly services?: boolean;
  /** Which part of the key pair it is given that callers are vouched for with. */
  readonly identity?: 'private' | 'public';
  /** The database schema. */
  readonly schema?: string;
  readonly settings: readonly ChartSetting[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containerConcurrency?: number;
  readonly timeoutSeconds?: number;
  readonly replicas?: number;
  /** What an installation does not decide; it adds image, variables, resources and security settings. */
  readonly container: Pick<Container, 'ports' | 'readinessProbe' | 'livenessProbe'>;
}

/** A variable that the chart must fill in, or must know to be one. */
export interface ChartSetting {
  readonly name: string;
  readonly secret: boolean;
  /** A secret of 32 bytes in base64. */
  readonly key?: true;
  readonly required: boolean;
  /** The app whose address it is. */
  readonly service?: string;
}

interface ChartResource<R extends Resource> {
  readonly name: string;
  /** Whose it is. */
  readonly app: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Partial<R['spec']>;
}

/** @throws EbbError EBB_DEFINITION when entries contradict each other */
export function chartInputOf(entries: readonly CatalogueEntry[]): ChartInput {
  const resources = resourcesOf(entries);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const apps = resources.flatMap((resource) => {
    const entry = byName.get(resource.metadata.name);
    const isApp = resource.kind === 'Service' || resource.kind === 'Deployment';
    return isApp && entry ? [[entry.name, appOf(entry, resource)] as const] : [];
  });
  return {
    apps: Object.fromEntries(apps.sort(([a], [b]) => (a < b ? -1 : 1))),
    // Where the broker's settings are, and where dead letters go, is for the chart to say.
    brokers: ofKind(resources, 'Broker').map((broker) => ({ ...common(broker), spec: {} })),
    triggers: ofKind(resources, 'Trigger').map((trigger) => ({
      ...common(trigger),
      function: (trigger.spec.subscriber.uri ?? '').replace('/functions/', ''),
      spec: trigger.spec,
    })),
    pingSources: ofKind(resources, 'PingSource').map((source) => ({ ...common(source), spec: source.spec })),
  };
}

function appOf(entry: CatalogueEntry, resource: KnativeService | Deployment): ChartApp {
  const { kind, outboxes, database, settings } = entry;
  const { metadata, spec } = resource.spec.template;
  return {
    kind,
    outboxes,
    ...needsOf(entry),
    ...(database && { schema: database.schema }),
    settings: settings.map(settingOf),
    ...(metadata?.annotations && { annotations: metadata.annotations }),
    ...(spec.containerConcurrency !== undefined && { containerConcurrency: spec.containerConcurrency }),
    ...(spec.timeoutSeconds !== undefined && { timeoutSeconds: spec.timeoutSeconds }),
    ...(resource.kind === 'Deployment' && { replicas: resource.spec.replicas ?? 1 }),
    container: containerOf(spec.containers),
  };
}

function needsOf(entry: CatalogueEntry): Partial<ChartApp> {
  const { listens, catalogue, eventLog, services, signsIdentity } = entry;
  const identity = signsIdentity ? 'private' : verifiesIdentity(entry) ? 'public' : undefined;
  return {
    ...(listens && { listens }),
    ...(catalogue && { catalogue }),
    ...(eventLog && { eventLog }),
    ...(services && { services }),
    ...(identity && { identity }),
  };
}

function containerOf([container = {}]: readonly Container[]): ChartApp['container'] {
  const { ports, readinessProbe, livenessProbe } = container;
  return {
    ...(ports && { ports }),
    ...(readinessProbe && { readinessProbe }),
    ...(livenessProbe && { livenessProbe }),
  };
}

const settingOf = ({ name, kind, secret, required, service }: SettingEntry): ChartSetting => ({
  name,
  secret,
  ...(kind === 'key' && { key: true }),
  required,
  ...(service !== undefined && { service }),
});

function common({ metadata }: Resource): Omit<ChartResource<Resource>, 'spec'> {
  const { name, labels, annotations } = metadata;
  return { name, app: labels?.[APP_LABEL] ?? name, ...(annotations && { annotations }) };
}

function ofKind<K extends Resource['kind']>(
  resources: readonly Resource[],
  kind: K,
): readonly Extract<Resource, { kind: K }>[] {
  return resources.filter((resource): resource is Extract<Resource, { kind: K }> => resource.kind === kind);
}
