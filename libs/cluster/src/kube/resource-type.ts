/** A kind of resource, as the API server's paths name it. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** What has to be installed for it to be there. */
  readonly from: string;
}

const CORE = { group: '', version: 'v1', from: 'Kubernetes' } as const;
const SERVING = { group: 'serving.knative.dev', version: 'v1', from: 'Knative Serving' } as const;
const EVENTING = { group: 'eventing.knative.dev', version: 'v1', from: 'Knative Eventing' } as const;

/** Every kind that is asked for; docs/reference/cli-rbac.yaml grants them. */
export const KINDS = {
  namespaces: { ...CORE, plural: 'namespaces' },
  pods: { ...CORE, plural: 'pods' },
  services: { ...CORE, plural: 'services' },
  secrets: { ...CORE, plural: 'secrets' },
  deployments: { group: 'apps', version: 'v1', plural: 'deployments', from: 'Kubernetes' },
  knativeServices: { ...SERVING, plural: 'services' },
  revisions: { ...SERVING, plural: 'revisions' },
  brokers: { ...EVENTING, plural: 'brokers' },
  triggers: { ...EVENTING, plural: 'triggers' },
} as const satisfies Readonly<Record<string, ResourceType>>;

/** As `kubectl` and Roles name it: `triggers.eventing.knative.dev`. */
export function nameOfType({ group, plural }: ResourceType): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Without a namespace: a kind that belongs to none. */
export function pathOf({ group, version, plural }: ResourceType, namespace: string, name?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  const within = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${within}/${plural}${one}`;
}
