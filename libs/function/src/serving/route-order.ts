import type { RouteDefinition } from '../definition/route.ts';

/** Orders routes so that `/users/me` is tried before `/users/:userId`: whoever defines them need not think of it. */
export function byPrecedence(one: Pick<RouteDefinition, 'path'>, other: Pick<RouteDefinition, 'path'>): number {
  const [mine, theirs] = [one, other].map(({ path }) => path.split('/').map((part) => (part.startsWith(':') ? 1 : 0)));
  for (const [at, isParam] of (mine ?? []).entries()) {
    const difference = isParam - (theirs?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
