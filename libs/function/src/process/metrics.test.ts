import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Metrics } from './metrics.ts';

describe('the metrics of a worker', () => {
  afterEach(() => void jest.useRealTimers());

  it("are written in Prometheus's text format", async () => {
    const metrics = new Metrics();
    const published = metrics.define('counter', 'ebb_published_total', 'Events published.');
    const lag = metrics.define('gauge', 'ebb_lag_seconds', 'Age of the oldest event.');
    metrics.define('gauge', 'ebb_unknown', 'Nothing yet.');
    published.add({ topic: 'orders' });
    published.add({ topic: 'orders' }, 2);
    published.add({ topic: 'a "b"\\\n' });
    lag.set({}, 1.5);
    lag.set({ schema: 'gone' }, 1);
    lag.forget({ schema: 'gone' });
    expect(await metrics.text()).toBe(`# HELP ebb_published_total Events published.
# TYPE ebb_published_total counter
ebb_published_total{topic="orders"} 3
ebb_published_total{topic="a \\"b\\"\\\\\\n"} 1
# HELP ebb_lag_seconds Age of the oldest event.
# TYPE ebb_lag_seconds gauge
ebb_lag_seconds 1.5
# HELP ebb_unknown Nothing yet.
# TYPE ebb_unknown gauge
`);
  });

  it('are measured at each scrape, which does not wait for ever', async () => {
    const metrics = new Metrics();
    const gauge = metrics.define('gauge', 'n', 'A number.');
    let n = 0;
    metrics.onScrape(() => {
      gauge.set({}, (n += 1));
      return Promise.resolve();
    });
    metrics.onScrape(() => Promise.reject(new Error('away')));
    await metrics.text();
    expect(await metrics.text()).toContain('\nn 2\n');
    jest.useFakeTimers();
    metrics.onScrape(() => new Promise(() => undefined));
    const scraped = metrics.text();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await scraped).toContain('\nn 3\n');
  });
});
