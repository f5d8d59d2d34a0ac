import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, identify, systemClock } from '@ebb/core';
import type { Deployment, KnativeService } from '@ebb/knative';
import { trace } from '@opentelemetry/api';
import { createServing, type Artifact, type Serving, type ServingOptions } from '../index.ts';
import type { LogLine } from '../service-process.ts';
import { SERVER_SOURCE } from './server-source.fixture.ts';

/** Serving with everything that a test wants to see of it. */
export interface Harness {
  readonly folder: string;
  readonly serving: Serving;
  readonly lines: LogLine[];
  readonly running: Map<number, string | undefined>;
  readonly everStarted: number[];
  readonly artifact: (hash: string, env?: Record<string, string>) => Artifact;
  readonly call: (service: string, path: string, options?: CallOptions) => Promise<{ status: number; body: Answer }>;
  /** A server in front of it, for clients. */
  readonly listen: () => Promise<string>;
  /** Stops all and says which processes are left. */
  readonly stop: () => Promise<readonly number[]>;
}

interface CallOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

/** What the fixture server answers. */
export interface Answer {
  readonly pid: number;
  readonly revision: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly most: number;
  readonly detail: string;
}

export function harness(options: Partial<ServingOptions> = {}): Harness {
  // The folder has a space in its name, as a workspace may.
  const folder = mkdtempSync(join(tmpdir(), 'ebb serving '));
  writeFileSync(join(folder, 'server.cjs'), SERVER_SOURCE);
  const lines: LogLine[] = [];
  const running = new Map<number, string | undefined>();
  const everStarted: number[] = [];
  const serving = createServing({
    tracer: trace.getTracer('test'),
    environment: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    onLog: (line) => lines.push(line),
    onProcess: ({ pid, startedAt }, change) => {
      if (change === 'exited') running.delete(pid);
      else {
        running.set(pid, startedAt);
        everStarted.push(pid);
      }
    },
    stopGraceMs: 2_000,
    ...options,
  });
  const servers: Server[] = [];
  return {
    ...{ folder, serving, lines, running, everStarted },
    artifact: (hash, env = {}) => ({ command: [process.execPath, 'server.cjs'], cwd: folder, env, hash }),
    call: async (service, path, { method = 'GET', headers = {}, body, timeoutMs = 20_000 } = {}) => {
      const answer = await serving.request(service, {
        ...{ method, path, headers, timeoutMs },
        ...(body !== undefined && { body: Buffer.from(body) }),
      });
      return { status: answer.status, body: JSON.parse(answer.body.toString()) as Answer };
    },
    listen: async () => {
      const server = createServer((req, res) => serving.proxy(serviceOf(req.headers.host), req, res));
      server.on('upgrade', (req, socket, head) => serving.upgrade(serviceOf(req.headers.host), req, socket, head));
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    stop: async () => {
      for (const server of servers) server.closeAllConnections();
      for (const server of servers) server.close();
      await serving.stop();
      rmSync(folder, { recursive: true, force: true });
      return everStarted.filter((pid) => identify(pid) !== undefined && running.has(pid));
    },
  };
}

function serviceOf(host = ''): string {
  return host.split('.')[0] ?? '';
}

interface ServiceOptions {
  readonly annotations?: Record<string, string>;
  readonly spec?: Partial<KnativeService['spec']['template']['spec']>;
  readonly traffic?: KnativeService['spec']['traffic'];
}

export function service(name: string, { annotations = {}, spec = {}, traffic }: ServiceOptions = {}): KnativeService {
  const scaled = Object.entries(annotations).map(([key, value]) => [
    key.includes('/') ? key : `autoscaling.knative.dev/${key}`,
    value,
  ]);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      template: {
        metadata: { annotations: Object.fromEntries(scaled) as Record<string, string> },
        spec: { containers: [{ image: `dev.local/${name}:1` }], ...spec },
      },
      ...(traffic && { traffic }),
    },
  };
}

export function worker(name: string, replicas: number): Deployment {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: `dev.local/${name}:1` }] } },
    },
  };
}

/** A clock that runs `factor` times as fast as the real one, so that a minute of idling is a moment. */
export function fastClock(factor: number): Clock {
  const startedAt = Date.now();
  return {
    now: () => startedAt + (Date.now() - startedAt) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}

/** Polls until the condition holds. */
export async function eventually(condition: () => boolean, what: string, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not come within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
