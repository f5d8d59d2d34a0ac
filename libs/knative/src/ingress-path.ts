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
