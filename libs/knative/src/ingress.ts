/** Where a Broker's ingress is asked for. */
export interface BrokerAddress {
  readonly namespace: string;
  readonly name: string;
}

const BROKER_PATH = /^\/([^/]+)\/([^/]+)\/?$/;

/** The Broker that a path names; undefined when the path has another shape. `root` is what stands before it, such as /broker. */
export function parseIngressPath(path: string, root = ''): BrokerAddress | undefined {
  if (!path.startsWith(root)) return undefined;
  const [, namespace, name] = BROKER_PATH.exec(path.slice(root.length)) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** What a body came to. */
export type EventVerdict = 'stored' | 'invalid' | 'batch' | 'too-large' | 'not-stored';

export interface IngressRequest {
  readonly method: string;
  readonly path: string;
  /** Whether it carries `K-Network-Probe: probe`. */
  readonly isProbe?: boolean;
}

/** A too large event is a 503 in a cluster, too: whoever retries 503 never ends (trap 18). */
const STATUS_OF: Readonly<Record<EventVerdict, number>> = {
  stored: 202,
  invalid: 400,
  batch: 400,
  'too-large': 503,
  'not-stored': 503,
};

/**
 * The status that the ingress of a cluster answers: it looks at the method first, then the path, and only then at the event,
 * so `verdictOf` is asked last, and only for a Broker that exists.
 */
export function ingressStatus(
  { method, path, isProbe = false }: IngressRequest,
  hasBroker: (address: BrokerAddress) => boolean,
  verdictOf: () => EventVerdict,
): number {
  const probing = method === 'GET' && isProbe;
  if (method !== 'POST' && !probing) return 405;
  if (probing && path === '/healthz') return 200;
  const address = parseIngressPath(path);
  if (!address || !hasBroker(address)) return 404;
  return probing ? 200 : STATUS_OF[verdictOf()];
}
