import type { Metric, Metrics } from '@ebb/function';

import type { RefusalReason } from '../pipeline/refusal.ts';
import type { CircuitWord } from '../proxy/breaker.ts';
import type { GatewayRoute } from '../routing/gateway-route.ts';
import { RequestStats } from './request-stats.ts';

const CIRCUIT_VALUES: Readonly<Record<CircuitWord, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** What the gateway did, and how its upstreams do. */
export class GatewayMetrics {
  readonly #rejected: Metric;
  readonly #inFlight: Metric;
  readonly #tunnels: Metric;
  readonly #dropped: Metric;
  readonly #circuits: Metric;
  readonly #failures: Metric;
  readonly #conflicts: Metric;
  readonly #troubles: Metric;
  readonly #stats = new RequestStats();
  #open = 0;
  #openTunnels = 0;

  constructor(metrics: Metrics) {
    const counter = (name: string, help: string) => metrics.define('counter', `ebb_gateway_${name}`, help);
    const gauge = (name: string, help: string) => metrics.define('gauge', `ebb_gateway_${name}`, help);
    metrics.expose(() => this.#stats.text());
    this.#rejected = counter('rejected_total', 'Requests that the gateway refused, by reason.');
    this.#inFlight = gauge('in_flight', 'Requests that are not answered yet, tunnels among them.');
    this.#tunnels = gauge('tunnels', 'Connections that were upgraded, such as WebSockets.');
    this.#dropped = counter('connections_dropped_total', 'Connections beyond what is allowed.');
    this.#circuits = gauge('circuit_state', 'By upstream: 0 closed, 1 half open, 2 open.');
    this.#failures = counter('upstream_failures_total', 'Attempts that an upstream did not answer, by what happened.');
    this.#conflicts = gauge('route_conflicts', 'Routes that are not served because several want them.');
    this.#troubles = gauge('file_troubles', 'Files of routes that are not valid, so that what was before holds.');
    for (const metric of [this.#inFlight, this.#tunnels, this.#conflicts, this.#troubles]) metric.set({}, 0);
  }

  began(): void {
    this.#inFlight.set({}, (this.#open += 1));
  }

  ended(route: GatewayRoute, status: number, durationMs: number): void {
    this.#inFlight.set({}, (this.#open -= 1));
    this.#stats.add(route, status, durationMs);
  }

  rejected(reason: RefusalReason): void {
    this.#rejected.add({ reason });
  }

  /** @param by 1 when one is opened, -1 when one is closed */
  tunnels(by: 1 | -1): void {
    this.#tunnels.set({}, (this.#openTunnels += by));
  }

  /** Counted as they are at a scrape. */
  measureConnections(metrics: Metrics, count: () => Promise<number>): void {
    const connections = metrics.define('gauge', 'ebb_gateway_connections', 'Open connections of clients.');
    metrics.onScrape(async () => connections.set({}, await count()));
  }

  droppedConnection(): void {
    this.#dropped.add({});
  }

  circuit(upstream: string, state: CircuitWord): void {
    this.#circuits.set({ upstream }, CIRCUIT_VALUES[state]);
  }

  failed(upstream: string, failure: string): void {
    this.#failures.add({ upstream, failure });
  }

  forgetUpstream(upstream: string): void {
    this.#circuits.forget({ upstream });
  }

  routes(conflicts: number): void {
    this.#conflicts.set({}, conflicts);
  }

  troubles(count: number): void {
    this.#troubles.set({}, count);
  }
}
