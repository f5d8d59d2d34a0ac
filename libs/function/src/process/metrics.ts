import { systemClock } from '@ebb/core';

export type Labels = Readonly<Record<string, string>>;

/** One number per set of labels. */
export interface Metric {
  add(labels: Labels, by?: number): void;
  set(labels: Labels, value: number): void;
  /** Says nothing of these labels any more, because nothing is known. */
  forget(labels: Labels): void;
}

const SCRAPE_TIMEOUT_MS = 5_000;
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What a worker counts and measures, in Prometheus's text format. A handful of numbers needs no metrics SDK. */
export class Metrics {
  readonly #metrics: (() => string)[] = [];
  readonly #refreshes: (() => Promise<unknown>)[] = [];

  /** @param name snake_case with the unit at its end; a counter's name ends in `_total` */
  define(type: 'counter' | 'gauge', name: string, help: string): Metric {
    const samples = new Map<string, number>();
    const change = (labels: Labels, value: (before: number) => number): void => {
      const key = `${name}${textOf(labels)}`;
      samples.set(key, value(samples.get(key) ?? 0));
    };
    this.#metrics.push(() =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...[...samples].map(([key, value]) => `${key} ${value}`),
      ].join('\n'),
    );
    return {
      add: (labels, by = 1) => change(labels, (before) => before + by),
      set: (labels, value) => change(labels, () => value),
      forget: (labels) => void samples.delete(`${name}${textOf(labels)}`),
    };
  }

  /** Adds to each scrape what its owner keeps and writes itself, such as a histogram. */
  expose(lines: () => string): void {
    this.#metrics.push(lines);
  }

  /** Called before each scrape, to measure what is not worth measuring all the time. It should not reject. */
  onScrape(refresh: () => Promise<unknown>): void {
    this.#refreshes.push(refresh);
  }

  /** What a scrape answers, whether or not what is measured answers in time. */
  async text(): Promise<string> {
    const done = new AbortController();
    const overdue = systemClock.sleep(SCRAPE_TIMEOUT_MS, done.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#refreshes.map((refresh) => refresh())), overdue]);
    done.abort();
    return `${this.#metrics.map((metric) => metric()).join('\n')}\n`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (special) => ESCAPES[special] ?? special)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
