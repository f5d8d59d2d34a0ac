import type { GatewayRoute } from '../routing/gateway-route.ts';

/** Whether one answer of the route is kept for all clients alike. What a caller must prove who they are for never is. */
export function isShared({ access, cache }: Pick<GatewayRoute, 'access' | 'cache'>): boolean {
  return cache?.per === 'everyone' && access === 'anyone';
}
