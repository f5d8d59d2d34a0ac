import type { Answer } from './pipeline/answer.ts';
import type { HttpExchange } from './pipeline/http-exchange.ts';
import { NO_ROUTE, type GatewayRoute } from './routing/gateway-route.ts';

/** What the gateway answers itself, at a fixed path. It comes before routes, and anyone may ask. */
export interface Endpoint {
  readonly method: 'GET';
  readonly path: string;
  readonly answer: (exchange: HttpExchange) => Answer | Promise<Answer>;
}

/** Endpoints by path, each with the route that it has in metrics and traces. */
export type Endpoints = ReadonlyMap<string, Endpoint & { readonly route: GatewayRoute }>;

export function endpointTable(endpoints: readonly Endpoint[]): Endpoints {
  return new Map(
    endpoints.map((endpoint) => {
      const { method, path } = endpoint;
      const route: GatewayRoute = { ...NO_ROUTE, id: `${method} ${path}`, methods: [method], path, prefix: false };
      return [path, { ...endpoint, route }];
    }),
  );
}
