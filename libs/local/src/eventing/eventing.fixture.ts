import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger, type Clock } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import type { Broker, PingSource, Trigger } from '@ebb/knative';
import { startTelemetry } from '@ebb/telemetry';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { DeadLetter, DeadLetterStore, StoredDeadLetter } from './dead-letter-store.ts';
import { createEventing, type Eventing, type EventingOptions } from './eventing.ts';
import type { ScheduleStore } from './schedule-store.ts';

/** Eventing behind an HTTP server of its own, with everything beside it in memory unless given. */
export interface TestEventing {
  readonly eventing: Eventing;
  readonly url: string;
  readonly deadLetters: DeadLetterStore;
  /** Posts a binary CloudEvent to the broker `orders`; the status. */
  publish(id: string, extra?: Readonly<Record<string, string>>, body?: string): Promise<number>;
  /** The spans that ended so far. */
  spans(): Promise<readonly ReadableSpan[]>;
  stop(): Promise<void>;
}

export async function startEventing(
  log: EventLog,
  options: Partial<EventingOptions> & { deadLetters?: DeadLetterStore; stopTimeoutMs?: number } = {},
): Promise<TestEventing> {
  const deadLetters = options.deadLetters ?? memoryDeadLetters();
  const exporter = new InMemorySpanExporter();
  const telemetry = startTelemetry({ service: 'ebb', exporter });
  const eventing = createEventing({
    log,
    serving: { has: () => false, request: () => Promise.reject(new Error('no serving here')) },
    tracer: telemetry.tracer,
    logger: silentLogger,
    schedules: memorySchedules(),
    catalogue: () => [],
    partitions: 4,
    ...options,
    deadLetters,
  });
  const server = createServer((req, res) => {
    if (!eventing.handle(req, res)) res.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    eventing,
    url,
    deadLetters,
    async publish(id, extra = {}, body = '{"n":1}') {
      const response = await fetch(`${url}/broker/default/orders`, {
        method: 'POST',
        headers: { ...BINARY, 'ce-id': id, ...extra },
        body,
      });
      await response.arrayBuffer();
      return response.status;
    },
    async spans() {
      await telemetry.flush();
      return exporter.getFinishedSpans();
    },
    async stop() {
      await eventing.stop(options.stopTimeoutMs === undefined ? {} : { timeoutMs: options.stopTimeoutMs });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await telemetry.shutdown();
    },
  };
}

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A valid event in binary mode. */
export const BINARY: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': 'e-1',
  'ce-source': '/svc/test',
  'ce-type': 'dev.ebb.orders.order.placed.v1',
  'ce-traceparent': TRACEPARENT,
  traceparent: TRACEPARENT,
};

export function broker(name = 'orders', annotations: Record<string, string> = {}): Broker {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: {
      name,
      namespace: 'default',
      annotations: { 'kafka.eventing.knative.dev/external.topic': name, ...annotations },
    },
    spec: {},
  };
}

export function trigger(
  uri: string,
  {
    name = 'test',
    ordered = false,
    ...spec
  }: Partial<Trigger['spec']> & { readonly name?: string; readonly ordered?: boolean } = {},
): Trigger {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: {
      name,
      namespace: 'default',
      annotations: { 'kafka.eventing.knative.dev/delivery.order': ordered ? 'ordered' : 'unordered' },
    },
    spec: { broker: 'orders', subscriber: { uri }, ...spec },
  };
}

/** A delivery block that is written in full, so that no trap of its own is in it. */
export function delivery(
  retry: number,
  deadLetterSink?: string,
  more: Partial<NonNullable<Trigger['spec']['delivery']>> = {},
): NonNullable<Trigger['spec']['delivery']> {
  return {
    retry,
    backoffPolicy: 'exponential',
    backoffDelay: 'PT0.01S',
    ...(deadLetterSink !== undefined && { deadLetterSink: { uri: deadLetterSink } }),
    ...more,
  };
}

export function pingSource(spec: PingSource['spec']): PingSource {
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'PingSource',
    metadata: { name: 'tick', namespace: 'default' },
    spec,
  };
}

/** A clock whose sleeps take no time and are written down. */
export function instantClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let skippedMs = 0;
  return {
    slept,
    now: () => Date.now() + skippedMs,
    async sleep(ms, signal) {
      slept.push(ms);
      skippedMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

export function memoryDeadLetters(): DeadLetterStore {
  const letters: StoredDeadLetter[] = [];
  return {
    add(letter: DeadLetter) {
      letters.push({ ...letter, id: String(letters.length), createdAt: new Date() });
      return Promise.resolve();
    },
    list: () => Promise.resolve(letters),
    count: () => Promise.resolve(letters.length),
    close: () => Promise.resolve(),
  };
}

export function memorySchedules(last?: Date): ScheduleStore & { readonly runs: Date[] } {
  const runs: Date[] = [];
  return {
    runs,
    lastRun: () => Promise.resolve(runs.at(-1) ?? last),
    ran(_namespace, _name, at) {
      runs.push(at);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
