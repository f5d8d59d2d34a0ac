import type { Logger } from '@ebb/core';

import type { GatewayMetrics } from '../observe/gateway-metrics.ts';
import type { GatewayRoute, Upstream } from '../routing/gateway-route.ts';
import { UpstreamBreaker } from './breaker.ts';
import { UpstreamClient } from './upstream-client.ts';

export interface UpstreamsOptions {
  readonly breakerPauseMs: number;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

/** The clients of all upstreams. One outlives changes of routes, with its connections and its breaker, as long as a route names it. */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #clients = new Map<string, UpstreamClient>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  of(upstream: Upstream): UpstreamClient {
    const known = this.#clients.get(upstream.url);
    if (known) return known;
    const client = this.#open(upstream);
    this.#clients.set(upstream.url, client);
    return client;
  }

  /** Forgets those that no route names any more; what is under way with them ends as it would have. */
  keep(routes: readonly GatewayRoute[]): void {
    const named = new Set(routes.map(({ upstream }) => upstream?.url));
    for (const [url, client] of this.#clients) {
      if (named.has(url)) continue;
      this.#clients.delete(url);
      this.#options.metrics.forgetUpstream(client.name);
      client.release();
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #open({ name, url }: Upstream): UpstreamClient {
    const { breakerPauseMs, metrics, log } = this.#options;
    metrics.circuit(name, 'closed');
    const breaker = new UpstreamBreaker(breakerPauseMs, (state) => {
      metrics.circuit(name, state);
      if (state === 'half-open') return;
      const words = state === 'open' ? 'fails: it is not asked for a while' : 'answers again';
      log.warn({ upstream: name, circuit: state }, `${name} ${words}`);
    });
    return new UpstreamClient(name, url, breaker);
  }
}
