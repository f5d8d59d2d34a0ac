import type { Logger } from '@ebb/core';
import type { Metrics } from '@ebb/function';
import type { Telemetry } from '@ebb/telemetry';

import { endpointTable, type Endpoint } from './endpoints.ts';
import { Gateway } from './gateway.ts';
import { GatewayMetrics } from './observe/gateway-metrics.ts';
import type { Policies } from './pipeline/exchange.ts';
import { Proxy } from './proxy/proxy.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { TableSource } from './routing/table-source.ts';
import { clientReader, trustedProxies } from './server/client.ts';
import { GatewayServer } from './server/gateway-server.ts';

export interface GatewayConfig {
  readonly CATALOGUE_FILE: string;
  readonly ROUTES_FILE: string | undefined;
  readonly SERVICES_URL: string;
  readonly TRUSTED_PROXIES: readonly string[];
  readonly MAX_CONNECTIONS: number;
  readonly HEADERS_TIMEOUT: number;
  readonly REQUEST_TIMEOUT: number;
  readonly KEEP_ALIVE: number;
  readonly IDLE_TIMEOUT: number;
  readonly STREAM_IDLE_TIMEOUT: number;
  readonly WAKE_TIMEOUT: number;
  readonly CIRCUIT_PAUSE: number;
  readonly DRAIN_DELAY: number;
}

/** What the gateway runs with: a worker's context, as far as it is needed. */
export interface GatewayContext {
  readonly config: GatewayConfig;
  readonly listen: { readonly port: number; readonly host: string | undefined };
  readonly log: Logger;
  readonly tracer: Telemetry['tracer'];
  readonly metrics: Metrics;
}

/** Makes the policies; they learn of the routes from the source. */
export type MakePolicies = (source: TableSource) => Policies;

export interface RunningGateway {
  readonly port: number;
  readonly source: TableSource;
  /** Stops taking requests, and resolves when those in flight are answered. */
  readonly stop: () => Promise<void>;
}

/** So long requests in flight may take; a worker has thirty seconds for all of it. */
const DRAIN_TIMEOUT_MS = 20_000;

/** Starts the gateway: routes, upstreams, and the server once it knows where requests go. */
export async function startGateway(
  context: GatewayContext,
  makePolicies: MakePolicies,
  endpoints: (source: TableSource) => readonly Endpoint[],
): Promise<RunningGateway> {
  const { config, log, tracer } = context;
  const clientOf = clientReader(trustedProxies(config.TRUSTED_PROXIES));
  const metrics = new GatewayMetrics(context.metrics);
  const upstreams = new Upstreams({ breakerPauseMs: config.CIRCUIT_PAUSE, metrics, log });
  const source = sourceOf(context, metrics, upstreams);
  await source.start();
  const gateway = new Gateway({
    table: () => source.table,
    endpoints: endpointTable(endpoints(source)),
    policies: makePolicies(source),
    proxy: new Proxy({
      upstreams,
      metrics,
      tracer,
      wakeMs: config.WAKE_TIMEOUT,
      idleMs: config.IDLE_TIMEOUT,
      streamIdleMs: config.STREAM_IDLE_TIMEOUT,
    }),
    clientOf,
    metrics,
    tracer,
    log,
  });
  const server = await serverOf(context, gateway, metrics);
  metrics.measureConnections(context.metrics, () => server.connections());
  return {
    port: server.port,
    source,
    async stop() {
      const unfinished = await server.drain({ delayMs: config.DRAIN_DELAY, timeoutMs: DRAIN_TIMEOUT_MS });
      if (unfinished > 0) log.warn({ unfinished }, 'requests were cut off: they took too long to finish');
      source.close();
      upstreams.close();
    },
  };
}

function sourceOf({ config, log }: GatewayContext, metrics: GatewayMetrics, upstreams: Upstreams): TableSource {
  const { CATALOGUE_FILE: catalogueFile, ROUTES_FILE: routesFile, SERVICES_URL: servicesUrl } = config;
  const source = new TableSource({ catalogueFile, routesFile, servicesUrl, log });
  source.onTable(({ routes, conflicts }) => {
    metrics.routes(conflicts.length);
    upstreams.keep(routes);
  });
  source.onTroubles((troubles) => metrics.troubles(troubles.length));
  return source;
}

function serverOf({ config, listen }: GatewayContext, gateway: Gateway, metrics: GatewayMetrics) {
  return GatewayServer.start({
    ...listen,
    headersTimeoutMs: config.HEADERS_TIMEOUT,
    requestTimeoutMs: config.REQUEST_TIMEOUT,
    keepAliveMs: config.KEEP_ALIVE,
    maxConnections: config.MAX_CONNECTIONS,
    handle: (incoming) => gateway.handle(incoming),
    onDropped: () => metrics.droppedConnection(),
    onClientError: () => metrics.rejected('malformed'),
  });
}
