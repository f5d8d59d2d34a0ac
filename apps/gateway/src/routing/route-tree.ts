import type { GatewayRoute } from './gateway-route.ts';
import type { PatternSegment } from './pattern.ts';

interface Endpoint {
  readonly route: GatewayRoute;
  /** Parameters by position among the segments of the path. */
  readonly names: readonly (string | undefined)[];
}

/** Everything that the same segments lead to. */
interface Node {
  readonly texts: Map<string, Node>;
  param: Node | undefined;
  /** By method. */
  readonly exact: Map<string, Endpoint>;
  readonly below: Map<string, Endpoint>;
}

export interface Found {
  readonly route: GatewayRoute;
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Finds routes by the segments of a path. At each segment a text goes before a parameter, and any longer match before a prefix.
 * No node is looked at twice for one path.
 */
export class RouteTree {
  readonly #root = newNode();

  /** @param methods those of the route under which it is found */
  add(route: GatewayRoute, pattern: readonly PatternSegment[], methods: readonly string[]): void {
    let node = this.#root;
    for (const segment of pattern)
      node = 'text' in segment ? textChild(node, segment.text) : (node.param ??= newNode());
    const names = pattern.map((segment) => ('param' in segment ? segment.param : undefined));
    const endpoints = route.prefix ? node.below : node.exact;
    for (const method of methods) endpoints.set(method, { route, names });
  }

  /** The route of a method and path; where other methods have one, `allowed` is given them. */
  find(method: string, segments: readonly string[], allowed: Set<string>): Found | undefined {
    const endpoint = search(this.#root, method, segments, 0, allowed);
    return endpoint && { route: endpoint.route, params: paramsOf(endpoint.names, segments) };
  }
}

function search(
  node: Node,
  method: string,
  segments: readonly string[],
  at: number,
  allowed: Set<string>,
): Endpoint | undefined {
  const segment = segments[at];
  if (segment === undefined) return pick(node.exact, method, allowed) ?? pick(node.below, method, allowed);
  const text = node.texts.get(segment);
  return (
    (text && search(text, method, segments, at + 1, allowed)) ??
    (node.param && search(node.param, method, segments, at + 1, allowed)) ??
    pick(node.below, method, allowed)
  );
}

function pick(endpoints: Node['exact'], method: string, allowed: Set<string>): Endpoint | undefined {
  if (endpoints.size === 0) return undefined;
  const found = endpoints.get(method) ?? (method === 'HEAD' ? endpoints.get('GET') : undefined);
  if (!found) for (const other of endpoints.keys()) allowed.add(other);
  return found;
}

function paramsOf(names: Endpoint['names'], segments: readonly string[]): Readonly<Record<string, string>> {
  let params: Record<string, string> | undefined;
  for (const [at, name] of names.entries()) {
    if (name !== undefined) (params ??= Object.create(null) as Record<string, string>)[name] = segments[at] ?? '';
  }
  return params ?? NO_PARAMS;
}

function textChild(node: Node, text: string): Node {
  const known = node.texts.get(text);
  if (known) return known;
  const made = newNode();
  node.texts.set(text, made);
  return made;
}

function newNode(): Node {
  return { texts: new Map(), param: undefined, exact: new Map(), below: new Map() };
}
