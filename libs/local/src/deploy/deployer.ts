import type { BuiltService } from '@ebb/build';
import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError, messageOf } from '@ebb/core';
import { REDELIVERY_TOPIC } from '@ebb/events';
import { resourcesOf, type Deployment, type KnativeService, type Resource } from '@ebb/knative';
import type { Eventing, EventingResource } from '../eventing/index.ts';
import type { OnProgress } from '../progress.ts';
import type { Artifact, Serving } from '../serving/serving.ts';
import type { WorkspaceConfig } from '../workspace/config.ts';
import { AppliedResources } from './applied.ts';
import { artifactOf } from './artifact.ts';
import type { CatalogueFile } from './catalogue-file.ts';
import { overlay } from './overlay.ts';
import type { PlatformParts } from './platform-variables.ts';
import { prepareDatabase, type DatabaseAccess, type DatabaseOptions } from './databases.ts';

/** An app of the workspace that was built and asked what it is. */
export interface DescribedApp {
  readonly app: BuiltService;
  readonly entry: CatalogueEntry;
}

export interface DeployerOptions {
  readonly serving: Serving;
  readonly eventing: Eventing;
  readonly database: DatabaseOptions;
  /** What follows from the definitions is filled in at each deployment. */
  readonly platform: Omit<PlatformParts, 'schemas' | 'topics' | 'catalogueFile'>;
  readonly catalogueFile: CatalogueFile;
  readonly onProgress: OnProgress;
  readonly config: WorkspaceConfig;
  /** Resources of manifests, beside or instead of those that the apps' definitions give. */
  readonly manifests: readonly Resource[];
}

/** A worker that waits for something is no reason to keep everything else waiting. */
const WORKER_PATIENCE_MS = 30_000;

/** Turns definitions into running services: databases first, then what serves, then what delivers to it. */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #apps = new Map<string, DescribedApp>();
  readonly #access = new Map<string, DatabaseAccess | undefined>();
  readonly #applied = new AppliedResources();

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  get entries(): readonly CatalogueEntry[] {
    return [...this.#apps.values()].map(({ entry }) => entry);
  }

  get resources(): readonly Resource[] {
    return this.#applied.list();
  }

  /** Of the code that an app runs now. */
  hashOf(name: string): string | undefined {
    return this.#apps.get(name)?.app.hash;
  }

  /** Deploys apps: all of them at the start, later the one that changed. The rest stays as it is. */
  async deploy(apps: readonly DescribedApp[]): Promise<void> {
    await Promise.all(apps.map((app) => this.#prepare(app)));
    for (const described of apps) this.#apps.set(described.app.name, described);
    const wanted = overlay(resourcesOf(this.entries), this.#options.manifests);
    // Workers need it to start. Later, what is deployed must run before anybody is told of it.
    if (this.#applied.list().length === 0) this.#options.catalogueFile.write(this.entries);
    const { changed, gone } = this.#applied.difference(wanted);
    // Brokers make the topics; a service must answer before a Trigger sends to it; workers publish into topics.
    await this.#applyAll(changed.filter(({ kind }) => kind === 'Broker'));
    for (const resource of gone.filter(isEventing)) await this.#remove(resource);
    await Promise.all(wanted.filter(isServing).map((resource) => this.#applyServing(resource)));
    await this.#applyAll(changed.filter(({ kind }) => kind === 'Trigger' || kind === 'PingSource'));
    for (const resource of gone.filter(isServing)) await this.#remove(resource);
    this.#options.catalogueFile.write(this.entries);
  }

  async #prepare({ app, entry }: DescribedApp): Promise<void> {
    this.#access.set(app.name, await prepareDatabase(entry, app.migrations, this.#options.database));
  }

  async #applyAll(resources: readonly Resource[]): Promise<void> {
    await Promise.all(
      resources.filter(isEventing).map(async (resource) => {
        await this.#options.eventing.apply(resource);
        this.#applied.set(resource);
      }),
    );
  }

  /** Serving tells by itself whether anything changed: the artifact counts, too. */
  async #applyServing(resource: KnativeService | Deployment): Promise<void> {
    const applied = this.#options.serving.apply(resource, this.#artifactFor(resource));
    await (resource.kind === 'Deployment' ? this.#patiently(resource.metadata.name, applied) : applied);
    this.#applied.set(resource);
  }

  /** @throws what `applied` is rejected with, if that is soon */
  async #patiently(worker: string, applied: Promise<void>): Promise<void> {
    const { onProgress } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, WORKER_PATIENCE_MS, 'late')));
    const outcome = await Promise.race([applied, late]).finally(() => clearTimeout(timer));
    if (outcome !== 'late') return;
    const message = `${worker} is not ready yet; .ebb/logs/${worker}.log may say why. Everything else goes on without it`;
    onProgress({ kind: 'warning', message });
    applied.then(
      () => onProgress({ kind: 'note', message: `${worker} is ready now` }),
      (error: unknown) => onProgress({ kind: 'warning', message: `${worker}: ${messageOf(error)}` }),
    );
  }

  async #remove(resource: Resource): Promise<void> {
    const { name, namespace } = resource.metadata;
    if (isEventing(resource)) await this.#options.eventing.remove(resource.kind, name, namespace);
    else await this.#options.serving.remove(name);
    this.#applied.delete(resource);
  }

  #artifactFor(resource: KnativeService | Deployment): Artifact {
    const described = this.#apps.get(resource.metadata.name);
    if (!described) return commandOfImage(resource, this.#options.config);
    const { config, catalogueFile } = this.#options;
    const schemas = this.entries.flatMap(({ database }) => (database ? [database.schema] : []));
    const events = this.entries.flatMap((entry) => entry.events);
    const topics = [...new Set([...events.map(({ topic }) => topic), REDELIVERY_TOPIC])];
    const platform = {
      ...this.#options.platform,
      ...{ schemas: schemas.sort(), topics: topics.sort(), catalogueFile: catalogueFile.path },
    };
    return artifactOf(described.app, described.entry, this.#access.get(described.app.name), { config, platform });
  }
}

function isEventing(resource: Resource): resource is EventingResource {
  return resource.kind === 'Broker' || resource.kind === 'Trigger' || resource.kind === 'PingSource';
}

function isServing(resource: Resource): resource is KnativeService | Deployment {
  return (
    (resource.kind === 'Service' && resource.apiVersion.startsWith('serving.knative.dev/')) ||
    resource.kind === 'Deployment'
  );
}

/** A container of a plain manifest: `ebb.config.json` says which command is the same program on this machine. */
function commandOfImage(resource: KnativeService | Deployment, config: WorkspaceConfig): Artifact {
  const [container] = resource.spec.template.spec.containers;
  const image = container?.image ?? '';
  const local = config.images[image];
  if (!local) {
    throw new EbbError(
      'EBB_MANIFEST',
      `${resource.kind} ${resource.metadata.name}: no local command for the image "${image}"; ` +
        `add it to ebb.config.json: { "images": { "${image}": { "command": ["node", "server.js"] } } }`,
    );
  }
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? '']));
  return { command: local.command, cwd: local.cwd ?? process.cwd(), env, hash: JSON.stringify(local) };
}
