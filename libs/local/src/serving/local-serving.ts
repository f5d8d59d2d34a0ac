import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EbbError, HttpProblem, silentLogger, systemClock, type Clock, type Logger } from '@ebb/core';
import { scaleSettings, type Deployment, type KnativeService } from '@ebb/knative';
import type { Tracer } from '@opentelemetry/api';
import { HeldBytes } from './activator.ts';
import { bufferedCall, problemAnswer } from './buffered-call.ts';
import { KpaScaler } from './kpa-scaler.ts';
import { PortPool } from './port-pool.ts';
import { Revision, type RevisionContext } from './revision.ts';
import { revisionSettings, type RevisionSettings } from './revision-settings.ts';
import { RoutedService } from './routed-service.ts';
import { FixedScaler, type Scaler } from './scaler.ts';
import type { ProcessHost } from './service-process.ts';
import type { Artifact, Serving, ServingRequest, ServingResponse, ServiceStatus } from './serving.ts';
import { refuse, streamCall } from './stream-call.ts';
import { refuse as refuseUpgrade, upgradeCall } from './upgrade-call.ts';

export interface ServingOptions {
  readonly tracer: Tracer;
  /** This process's environment; children get only PATH, HOME, TZ, LANG and TMPDIR of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line that a service wrote. */
  readonly onLog: ProcessHost['onLog'];
  /** A process came or went: what was not seen to go is for `killOrphans` when this runtime is killed. */
  readonly onProcess: ProcessHost['onProcess'];
  readonly logger?: Logger;
  readonly urlOf?: (service: string) => string;
  /** Keys of the cluster's `config-autoscaler`, such as scale-to-zero-grace-period. */
  readonly autoscaler?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** How long stop() lets requests finish, and then processes; 5 s each. */
  readonly stopGraceMs?: number;
  readonly maxHeld?: number;
  readonly maxHeldBytes?: number;
  readonly maxInstances?: number;
}

/** What a child gets of this process's environment. NODE_EXTRA_CA_CERTS, for one, would cost 73 ms per start. */
const INHERITED = ['PATH', 'HOME', 'TZ', 'LANG', 'TMPDIR'] as const;

const TICK_MS = 2_000;
const STOP_GRACE_MS = 5_000;
/** What Knative's activator queues per revision. */
const MAX_HELD = 10_000;
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** One machine: a service without max-scale must not take all of it. */
const MAX_INSTANCES = 20;

/** Runs Knative Services and workers as processes of this machine. */
export function createServing(options: ServingOptions): Serving {
  return new LocalServing(options);
}

interface Found {
  readonly service: string;
  readonly kind: 'service' | 'worker';
  readonly route: () => Revision;
}

class LocalServing implements Serving {
  readonly #options: ServingOptions;
  readonly #context: RevisionContext;
  readonly #services = new Map<string, RoutedService>();
  /** Removed, but not yet gone. */
  readonly #ending = new Set<RoutedService>();
  readonly #stopping = new AbortController();
  readonly #killAll = (): void => {
    for (const service of [...this.#services.values(), ...this.#ending]) service.killAll();
  };

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#context = {
      host: { ports: new PortPool(), onLog: options.onLog, onProcess: options.onProcess },
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
      heldBytes: new HeldBytes(options.maxHeldBytes ?? MAX_HELD_BYTES),
      maxHeld: options.maxHeld ?? MAX_HELD,
      maxInstances: options.maxInstances ?? MAX_INSTANCES,
    };
    // When this process ends without stop(), its children must not outlive it.
    process.once('exit', this.#killAll);
    void this.#autoscale();
  }

  async apply(resource: KnativeService | Deployment, artifact: Artifact): Promise<void> {
    if (this.#stopping.signal.aborted) throw new EbbError('EBB_RUNTIME', 'serving is being stopped');
    const { name } = resource.metadata;
    const service = this.#services.get(name) ?? new RoutedService(resource, this.#makeRevision.bind(this));
    // Known from now on: requests may wait for the first revision.
    this.#services.set(name, service);
    try {
      await service.apply(resource, artifact);
    } finally {
      if (service.isEmpty) this.#services.delete(name);
    }
  }

  async remove(name: string): Promise<void> {
    const service = this.#services.get(name);
    if (!service) return;
    this.#services.delete(name);
    await this.#end(service);
  }

  async request(name: string, request: ServingRequest): Promise<ServingResponse> {
    const target = this.#find(name);
    if (!target) return problemAnswer(unknown(name));
    return bufferedCall({ ...target, tracer: this.#options.tracer }, request);
  }

  proxy(name: string, req: IncomingMessage, res: ServerResponse): void {
    const target = this.#find(name);
    if (target) void streamCall({ ...target, tracer: this.#options.tracer }, req, res);
    else refuse(res, unknown(name));
  }

  upgrade(name: string, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = this.#find(name);
    if (target) void upgradeCall(target, req, socket, head);
    else refuseUpgrade(socket, unknown(name));
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  status(): readonly ServiceStatus[] {
    return [...this.#services.values()].map((service) => {
      const { urlOf } = this.#options;
      return { ...service.status(), ...(urlOf && service.isReached && { url: urlOf(service.name) }) };
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const graceMs = this.#options.stopGraceMs ?? STOP_GRACE_MS;
    await Promise.all([...this.#services.values(), ...this.#ending].map((service) => this.#end(service, graceMs)));
    process.off('exit', this.#killAll);
  }

  async #end(service: RoutedService, graceMs?: number): Promise<void> {
    this.#ending.add(service);
    await service.end(graceMs);
    this.#ending.delete(service);
  }

  /** A service by its name, or by `<tag>-<service>`. */
  #find(name: string): Found | undefined {
    const service = this.#services.get(name);
    if (service) return { service: name, kind: service.kind, route: () => service.route() };
    for (const tagged of this.#services.values()) {
      if (!name.endsWith(`-${tagged.name}`)) continue;
      const tag = name.slice(0, -tagged.name.length - 1);
      if (tagged.hasTag(tag)) return { service: tagged.name, kind: tagged.kind, route: () => tagged.route(tag) };
    }
    return undefined;
  }

  #makeRevision(
    revision: string,
    resource: KnativeService | Deployment,
    artifact: Artifact,
    fingerprint: string,
  ): Revision {
    const settings = revisionSettings(resource);
    const service = resource.metadata.name;
    const { command, cwd, env } = artifact;
    const knative = { K_SERVICE: service, K_CONFIGURATION: service, K_REVISION: revision };
    const spec = {
      ...{ service, revision, command, cwd },
      env: { ...this.#inherited(), ...settings.env, ...env, ...knative },
      ...{ probe: settings.probe, startTimeoutMs: settings.startTimeoutMs, listensApart: settings.listensApart },
    };
    const scaler = this.#scalerOf(resource, settings);
    return new Revision({ spec, settings, fingerprint, scaler }, this.#context);
  }

  #scalerOf(resource: KnativeService | Deployment, settings: RevisionSettings): Scaler {
    if (resource.kind === 'Deployment') return new FixedScaler(resource.spec.replicas ?? 1);
    const { autoscaler } = this.#options;
    return new KpaScaler(scaleSettings(settings.annotations, settings.containerConcurrency, autoscaler));
  }

  #inherited(): Record<string, string> {
    const { environment } = this.#options;
    const entries = INHERITED.map((name) => [name, environment[name]] as const);
    return Object.fromEntries(
      entries.filter((entry): entry is typeof entry & readonly [string, string] => entry[1] !== undefined),
    );
  }

  async #autoscale(): Promise<void> {
    const { signal } = this.#stopping;
    const next = (): Promise<boolean> =>
      this.#context.clock.sleep(TICK_MS, signal).then(
        () => true,
        () => false,
      );
    while (await next()) for (const service of this.#services.values()) service.tick();
  }
}

function unknown(name: string): HttpProblem {
  return new HttpProblem(404, `there is no service ${name}`);
}
