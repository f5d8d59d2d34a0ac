import type { Metric, Metrics } from '@ebb/function';
import { backlogOf } from '@ebb/postgres';
import type { Pool } from 'pg';

/** What the relay did, and what waits for it. */
export class RelayMetrics {
  readonly #published: Metric;
  readonly #failures: Metric;
  readonly #due: Metric;
  readonly #deaf: Metric;

  constructor(metrics: Metrics) {
    this.#published = metrics.define('counter', 'ebb_relay_published_total', 'Events that reached their topic.');
    this.#failures = metrics.define('counter', 'ebb_relay_failures_total', 'Appends that the log did not take.');
    this.#due = metrics.define('counter', 'ebb_relay_due_total', 'Timers and parked events that were moved in time.');
    this.#deaf = metrics.define('gauge', 'ebb_relay_deaf', 'Whether notifications of PostgreSQL do not come through.');
  }

  /** Notifications do not come through. */
  deaf(isDeaf: boolean): void {
    this.#deaf.set({}, isDeaf ? 1 : 0);
  }

  published(topic: string, events: number): void {
    this.#published.add({ topic }, events);
  }

  failed(topic: string): void {
    this.#failures.add({ topic });
  }

  due(schema: string, kind: 'timer' | 'parked', events: number): void {
    if (events > 0) this.#due.add({ schema, kind }, events);
  }
}

/** Measures at each scrape what waits in the schemas; of one that cannot be read nothing is said. */
export function measureBacklogs(metrics: Metrics, pool: Pool, schemas: readonly string[]): void {
  const pending = metrics.define('gauge', 'ebb_outbox_pending', 'Committed events that are not published yet.');
  const lag = metrics.define('gauge', 'ebb_outbox_lag_seconds', 'How long the oldest of them has waited.');
  const putAside = metrics.define('gauge', 'ebb_outbox_put_aside', 'Events that no log takes, or without a topic.');
  const timers = metrics.define('gauge', 'ebb_timers', 'Events that wait for their time.');
  metrics.onScrape(() =>
    Promise.all(
      schemas.map(async (schema) => {
        const labels = { schema };
        try {
          const backlog = await backlogOf(pool, schema);
          pending.set(labels, backlog.pending);
          lag.set(labels, backlog.lagMs / 1_000);
          putAside.set(labels, backlog.putAside);
          timers.set(labels, backlog.timers);
        } catch {
          for (const gauge of [pending, lag, putAside, timers]) gauge.forget(labels);
        }
      }),
    ),
  );
}
