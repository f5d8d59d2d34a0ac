import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { Metrics } from '@ebb/function';
import { eventually } from '@ebb/testing';
import { startTelemetry } from '@ebb/telemetry';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Policies, Policy } from './pipeline/exchange.ts';
import { startGateway, type GatewayConfig, type RunningGateway } from './start-gateway.ts';

const pass: Policy = () => undefined;
const OPEN: Policies = {
  cors: pass,
  clientLimit: pass,
  webhook: pass,
  authenticate: pass,
  authorize: pass,
  userLimit: pass,
  cache: pass,
  identity: pass,
};

const CONFIG: Omit<GatewayConfig, 'CATALOGUE_FILE' | 'ROUTES_FILE'> = {
  SERVICES_URL: 'http://{service}.localhost:1',
  TRUSTED_PROXIES: [],
  MAX_CONNECTIONS: 1_000,
  HEADERS_TIMEOUT: 60_000,
  REQUEST_TIMEOUT: 60_000,
  KEEP_ALIVE: 60_000,
  IDLE_TIMEOUT: 60_000,
  STREAM_IDLE_TIMEOUT: 60_000,
  WAKE_TIMEOUT: 0,
  CIRCUIT_PAUSE: 60_000,
  DRAIN_DELAY: 0,
};

export interface TestGateway extends RunningGateway {
  /** Where its files are. */
  readonly folder: string;
  readonly metrics: () => Promise<string>;
  readonly spans: InMemorySpanExporter;
  readonly flush: () => Promise<void>;
  readonly writeRoutes: (routes: readonly object[]) => Promise<void>;
}

interface TestGatewayOptions {
  readonly config?: Partial<GatewayConfig>;
  readonly policies?: Partial<Policies>;
  readonly catalogue?: string;
}

const stops: (() => Promise<unknown>)[] = [];

/** Stops what the test started, the latest first. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

/** A gateway with these routes in its file, and policies that let everything through. Without a catalogue of its own, a test gets it when it is ready. */
export async function gatewayWith(
  routes: readonly object[],
  { config = {}, policies = {}, catalogue }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const files = { CATALOGUE_FILE: join(folder, 'catalogue.json'), ROUTES_FILE: join(folder, 'routes.json') };
  const writeRoutes = (next: readonly object[]) => writeFile(files.ROUTES_FILE, JSON.stringify({ routes: next }));
  await writeFile(files.CATALOGUE_FILE, catalogue ?? '{"entries": []}');
  await writeRoutes(routes);
  const spans = new InMemorySpanExporter();
  const telemetry = startTelemetry({ service: 'gateway', exporter: spans, logLevel: 'silent' });
  const metrics = new Metrics();
  const { tracer } = telemetry;
  const gateway = await startGateway(
    {
      config: { ...CONFIG, ...files, ...config },
      listen: { port: 0, host: '127.0.0.1' },
      log: silentLogger,
      tracer,
      metrics,
    },
    () => ({ ...OPEN, ...policies }),
    () => [],
  );
  stops.push(async () => {
    await gateway.stop();
    await telemetry.shutdown();
    await rm(folder, { recursive: true });
  });
  if (catalogue === undefined) {
    await holds(() => {
      expect(gateway.source.troubles).toEqual([]);
      expect(gateway.source.table.routes).toHaveLength(routes.length);
    });
  }
  return { ...gateway, folder, metrics: () => metrics.text(), spans, flush: telemetry.flush, writeRoutes };
}

export interface TestUpstream {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
}

/** A server that requests may be passed to. */
export async function upstreamWith(handle: RequestListener): Promise<TestUpstream> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.close();
    server.closeAllConnections();
    await Promise.resolve();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, server };
}

export interface TestReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface TestCall {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request on a connection of its own. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: TestCall = {}) {
  return new Promise<TestReply>((resolve, reject) => {
    const out = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    out.once('error', reject);
    out.end(body);
  });
}

/** Waits until what the check expects is so; on a slow machine for long. */
export async function holds(check: () => unknown): Promise<void> {
  const isSo = async (): Promise<true> => {
    await check();
    return true;
  };
  await eventually(isSo, { timeoutMs: 30_000 });
}

/** A connection on which a test writes what no client would send. */
export async function rawConnection(port: number): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  stops.push(() => {
    socket.destroy();
    return Promise.resolve();
  });
  return { socket, received: () => received };
}
