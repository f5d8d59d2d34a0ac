import type { Express } from 'express';

/** The part of a layer of Express's router that is needed to know which routes a path has. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
  /** What the layer took of the path; set by `match`. */
  readonly path?: string;
  match(path: string): boolean;
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
    if ((!layer.route && !nested) || !matches(layer, path)) continue;
    for (const method of Object.keys(layer.route?.methods ?? {})) methods.add(method.toUpperCase());
    if (nested && !layer.route) collect(nested, path.slice(layer.path?.length ?? 0) || '/', methods);
  }
}

/** A path that cannot be decoded matches no route; the router has answered it with 400 before. */
function matches(layer: Layer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false;
  }
}
