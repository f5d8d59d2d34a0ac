import type { Express } from 'express';

/** The part of a layer of Express's router that is needed to know which routes a path has. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
  /** What the layer takes of a path: the whole of it for a route, the mount point for a router. */
  match(path: string): { readonly path: string } | false | undefined;
}

/** The methods that some route takes at this path, for the Allow header; empty when there is no such path. */
export function allowedMethods(app: Express, path: string): readonly string[] {
  const methods = new Set<string>();
  collect((app.router as unknown as { readonly stack: readonly Layer[] }).stack, path, methods);
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

function collect(stack: readonly Layer[], path: string, methods: Set<string>): void {
  for (const layer of stack) {
    const nested = layer.handle?.stack;
    const taken = layer.route || nested ? takenBy(layer, path) : undefined;
    if (taken === undefined) continue;
    for (const method of Object.keys(layer.route?.methods ?? {})) methods.add(method.toUpperCase());
    if (nested && !layer.route) collect(nested, path.slice(taken.length) || '/', methods);
  }
}

/** A path that cannot be decoded matches no route; the router has answered it with 400 before. */
function takenBy(layer: Layer, path: string): string | undefined {
  try {
    const match = layer.match(path);
    return match ? match.path : undefined;
  } catch {
    return undefined;
  }
}
