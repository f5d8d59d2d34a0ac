import type { GatewayRoute } from '../routing/gateway-route.ts';

/** Upper bounds in seconds, as Prometheus's own clients have them. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

interface RouteStats {
  readonly labels: string;
  readonly statuses: Map<number, number>;
  /** One for each bound, and one for what is beyond; not added up. */
  readonly buckets: number[];
  sumS: number;
  count: number;
}

/** Counts requests by route and status, and how long they took, at the price of two look-ups each; written out at a scrape. */
export class RequestStats {
  readonly #routes = new Map<string, RouteStats>();

  add({ id, upstream }: GatewayRoute, status: number, durationMs: number): void {
    const stats = this.#routes.get(id) ?? this.#begin(id, upstream?.name ?? '');
    stats.statuses.set(status, (stats.statuses.get(status) ?? 0) + 1);
    const seconds = durationMs / 1_000;
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    const at = bucket < 0 ? BOUNDS.length : bucket;
    stats.buckets[at] = (stats.buckets[at] ?? 0) + 1;
    stats.sumS += seconds;
    stats.count += 1;
  }

  /** In Prometheus's text format. */
  text(): string {
    const all = [...this.#routes.values()];
    return [
      '# HELP ebb_gateway_requests_total Requests by route and status; 499: the client did not wait for the answer.',
      '# TYPE ebb_gateway_requests_total counter',
      ...all.flatMap(({ labels, statuses }) =>
        [...statuses].map(([status, count]) => `ebb_gateway_requests_total{${labels},status="${status}"} ${count}`),
      ),
      '# HELP ebb_gateway_request_seconds From the head of a request to the end of its answer.',
      '# TYPE ebb_gateway_request_seconds histogram',
      ...all.flatMap(histogramOf),
    ].join('\n');
  }

  #begin(id: string, upstream: string): RouteStats {
    const labels = `route="${escaped(id)}",upstream="${escaped(upstream)}"`;
    const buckets = new Array<number>(BOUNDS.length + 1).fill(0);
    const stats: RouteStats = { labels, statuses: new Map(), buckets, sumS: 0, count: 0 };
    this.#routes.set(id, stats);
    return stats;
  }
}

function histogramOf({ labels, buckets, sumS, count }: RouteStats): string[] {
  let below = 0;
  const lines = BOUNDS.map((bound, at) => {
    below += buckets[at] ?? 0;
    return `ebb_gateway_request_seconds_bucket{${labels},le="${bound}"} ${below}`;
  });
  return [
    ...lines,
    `ebb_gateway_request_seconds_bucket{${labels},le="+Inf"} ${count}`,
    `ebb_gateway_request_seconds_sum{${labels}} ${sumS}`,
    `ebb_gateway_request_seconds_count{${labels}} ${count}`,
  ];
}

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (special) => ESCAPES[special] ?? special);
