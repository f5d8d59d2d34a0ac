import { serviceHost, type Destination } from '@ebb/knative';

/** Where a delivery goes to. `url` is what a cluster would call it. */
export type Target =
  | { readonly kind: 'service'; readonly url: string; readonly service: string; readonly path: string }
  | { readonly kind: 'broker'; readonly url: string; readonly namespace: string; readonly name: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'unresolved'; readonly url: string; readonly reason: string };

const CLUSTER_DOMAIN = 'svc.cluster.local';
const BROKER_INGRESS = `http://${serviceHost('kafka-broker-ingress', 'knative-eventing', CLUSTER_DOMAIN)}`;

/** Finds what a destination means; a URL with the name of a service of this runtime is that service. */
export function resolveDestination(
  destination: Destination,
  namespace: string,
  hasService: (name: string) => boolean,
): Target {
  const { ref, uri } = destination;
  if (ref) return fromRef(ref.kind, ref.name, ref.namespace ?? namespace, uri);
  if (uri === undefined) return { kind: 'unresolved', url: '', reason: 'the destination has neither ref nor uri' };
  return fromUrl(uri, hasService);
}

function fromRef(kind: string, name: string, namespace: string, uri = ''): Target {
  if (kind === 'Broker') return { kind: 'broker', url: `${BROKER_INGRESS}/${namespace}/${name}`, namespace, name };
  if (kind !== 'Service') {
    return { kind: 'unresolved', url: '', reason: `a destination of kind ${kind} cannot be reached here` };
  }
  const base = `http://${serviceHost(name, namespace, CLUSTER_DOMAIN)}`;
  if (!URL.canParse(uri, base)) return { kind: 'unresolved', url: '', reason: `"${uri}" is no path` };
  const url = new URL(uri, base);
  return { kind: 'service', url: url.href, service: name, path: `${url.pathname}${url.search}` };
}

function fromUrl(uri: string, hasService: (name: string) => boolean): Target {
  if (!URL.canParse(uri)) return { kind: 'unresolved', url: uri, reason: `"${uri}" is no URL` };
  const url = new URL(uri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { kind: 'unresolved', url: uri, reason: `"${uri}" is neither http nor https` };
  }
  const service = serviceOf(url.hostname);
  if (service !== undefined && hasService(service)) {
    return { kind: 'service', url: url.href, service, path: `${url.pathname}${url.search}` };
  }
  return { kind: 'http', url: url.href };
}

/** `orders.localhost`, `orders.default.svc` and `orders.default.svc.cluster.local` are names of the service `orders`. */
function serviceOf(hostname: string): string | undefined {
  return /^([a-z0-9-]+)\.(?:localhost|[a-z0-9-]+\.svc(?:\.cluster\.local)?)$/.exec(hostname)?.[1];
}
