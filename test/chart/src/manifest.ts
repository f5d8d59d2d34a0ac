/** A Kubernetes resource, as far as the tests look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly unknown[];
  readonly readinessProbe?: unknown;
  readonly livenessProbe?: unknown;
  readonly resources?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly imagePullSecrets?: readonly { readonly name: string }[];
    readonly volumes?: readonly Readonly<Record<string, unknown>>[];
    readonly containerConcurrency?: number;
    readonly timeoutSeconds?: number;
  };
}

/** The pods that a resource makes, if it makes any. */
export function podTemplateOf(manifest: Manifest): PodTemplate | undefined {
  const { kind, apiVersion, spec } = manifest;
  if (kind === 'Pod') return manifest as unknown as PodTemplate;
  const makesPods =
    (kind === 'Service' && apiVersion.startsWith('serving.')) || kind === 'Deployment' || kind === 'Job';
  return makesPods ? (spec?.template as PodTemplate) : undefined;
}

/** `Kind namespace/name` */
export function titleOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

export function ofKind(manifests: readonly Manifest[], kind: string, group?: string): readonly Manifest[] {
  return manifests.filter(
    (manifest) => manifest.kind === kind && (group === undefined || manifest.apiVersion.startsWith(group)),
  );
}

/** @throws Error when it is not there */
export function find(manifests: readonly Manifest[], kind: string, name: string, group?: string): Manifest {
  const found = ofKind(manifests, kind, group).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

export function env(manifest: Manifest, name: string): EnvVar | undefined {
  return podTemplateOf(manifest)?.spec.containers[0]?.env?.find((variable) => variable.name === name);
}
