import { shortDuration } from '@ebb/core';
import type { GatewayRoute, RouteLimit } from '../routing/gateway-route.ts';

/** A limit, under the name that clients are told. */
export interface LimitRule {
  readonly name: string;
  readonly per: RouteLimit['per'];
  readonly requests: number;
  readonly windowMs: number;
  /** What its counts are kept under: limits of one route do not count for another. */
  readonly scope: string;
}

/** What holds for every route; of none there is no limit. */
export interface DefaultLimits {
  readonly client?: Omit<RouteLimit, 'per'> | undefined;
  readonly user?: Omit<RouteLimit, 'per'> | undefined;
}

/** The limits of a route, the narrower ones last. */
export function rulesOf(route: GatewayRoute, per: RouteLimit['per'], defaults: DefaultLimits): readonly LimitRule[] {
  const byDefault = defaults[per];
  return [
    ...(byDefault ? [{ name: per, per, ...byDefault, scope: per }] : []),
    ...route.limits.filter((limit) => limit.per === per).map((limit) => ruleOf(route.id, limit)),
  ];
}

function ruleOf(routeId: string, { per, requests, windowMs }: RouteLimit): LimitRule {
  const name = `route-${per}-${shortDuration(windowMs)}`;
  // Digits beside the name: a limit that changes begins anew.
  return { name, per, requests, windowMs, scope: `${routeId} ${name} ${requests}` };
}
