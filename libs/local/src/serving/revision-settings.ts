import { EbbError } from '@ebb/core';
import { ANNOTATION, goDurationMs, LISTENS, type Container, type Deployment, type KnativeService } from '@ebb/knative';
import type { ReadinessProbe } from './readiness.ts';
import type { Artifact } from './serving.ts';

/** What a template says about how a revision is run and served. */
export interface RevisionSettings {
  /** Requests that one instance takes at a time; 0: any number. */
  readonly containerConcurrency: number;
  /** Of a whole request, the wait for a start included. 0: no limit, as for the next two. */
  readonly timeoutMs: number;
  readonly responseStartTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** The time that requests in flight have to finish when their process is to end, and then the process. */
  readonly graceMs: number;
  /** Whether a request waits for a process where there is none; a worker's is refused, as by a Service without endpoints. */
  readonly holdsRequests: boolean;
  /** Whether a process has two ports: one for requests, and one for its probes and metrics. */
  readonly listensApart: boolean;
  /** How long a process may take to become ready. */
  readonly startTimeoutMs: number;
  readonly probe: ReadinessProbe;
  /** The template's literal variables; what refers to a Secret or ConfigMap has to come with the artifact. */
  readonly env: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const DEFAULT_TIMEOUT_S = 300;
const MAX_TIMEOUT_S = 600;
const DEFAULT_START_TIMEOUT_MS = 600_000;
/** What Kubernetes gives a pod that says nothing. */
const DEPLOYMENT_GRACE_S = 30;

export function revisionSettings(resource: KnativeService | Deployment): RevisionSettings {
  const name = resource.metadata.name;
  const { template } = resource.spec;
  const annotations = template.metadata?.annotations ?? {};
  const container = template.spec.containers[0];
  if (!container) throw new EbbError('EBB_MANIFEST', `${resource.kind} ${name} has no container`);
  const own = resource.kind === 'Service' ? serviceSettings(resource) : workerSettings(resource);
  return {
    ...own,
    startTimeoutMs: startTimeoutMs(annotations[ANNOTATION.progressDeadline], name),
    probe: probeOf(container, resource.kind),
    env: literalEnv(container),
    annotations,
  };
}

/** Equal for two applications of a resource that need no new revision. */
export function fingerprintOf(resource: KnativeService | Deployment, artifact: Artifact): string {
  return canonicalJson([resource.spec.template, artifact]);
}

type OwnSettings = Omit<RevisionSettings, 'startTimeoutMs' | 'probe' | 'env' | 'annotations'>;

function serviceSettings({ metadata, spec }: KnativeService): OwnSettings {
  const template = spec.template.spec;
  const timeoutSeconds = template.timeoutSeconds ?? DEFAULT_TIMEOUT_S;
  if (timeoutSeconds > MAX_TIMEOUT_S || timeoutSeconds <= 0) {
    const name = metadata.name;
    throw new EbbError('EBB_MANIFEST', `Service ${name}: timeoutSeconds must be 1 to ${MAX_TIMEOUT_S}`);
  }
  return {
    containerConcurrency: template.containerConcurrency ?? 0,
    timeoutMs: timeoutSeconds * 1_000,
    responseStartTimeoutMs: (template.responseStartTimeoutSeconds ?? 0) * 1_000,
    idleTimeoutMs: (template.idleTimeoutSeconds ?? 0) * 1_000,
    graceMs: timeoutSeconds * 1_000,
    holdsRequests: true,
    listensApart: false,
  };
}

function workerSettings({ spec }: Deployment): OwnSettings {
  const { terminationGracePeriodSeconds: graceS = DEPLOYMENT_GRACE_S, containers } = spec.template.spec;
  return {
    containerConcurrency: 0,
    timeoutMs: 0,
    responseStartTimeoutMs: 0,
    idleTimeoutMs: 0,
    graceMs: graceS * 1_000,
    holdsRequests: false,
    listensApart: (containers[0]?.ports ?? []).some(({ name }) => name === LISTENS),
  };
}

/** Knative asks over TCP when the template has no probe; Kubernetes asks nothing. */
function probeOf({ readinessProbe }: Container, kind: 'Service' | 'Deployment'): ReadinessProbe {
  const get = readinessProbe?.httpGet;
  if (!get) return { kind: kind === 'Service' || readinessProbe ? 'tcp' : 'none' };
  const headers = (get.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
  return { kind: 'http', path: get.path ?? '/', headers: Object.fromEntries(headers) };
}

function literalEnv({ env = [] }: Container): Record<string, string> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
}

function startTimeoutMs(text: string | undefined, service: string): number {
  if (text === undefined) return DEFAULT_START_TIMEOUT_MS;
  const ms = goDurationMs(text);
  if (ms !== undefined) return ms;
  throw new EbbError(
    'EBB_MANIFEST',
    `Service ${service}: ${ANNOTATION.progressDeadline} "${text}" is no duration like 600s`,
  );
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
