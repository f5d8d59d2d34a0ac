import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildService } from '@ebb/build';
import { generateIdentityKeys } from '@ebb/function/identity';
import type { Bench } from './bench.ts';
import { buildBaseline, type Contender } from './contenders.ts';
import { HttpClient, getOf } from './http-load.ts';
import { freePort, ServerProcess } from './server-process.ts';
import { WORKSPACE } from './workspace.ts';

/** A gateway and a bare proxy, both before the same server. */
export interface GatewayServers {
  readonly upstream: ServerProcess;
  readonly bare: ServerProcess;
  readonly gateway: ServerProcess;
  /** Where the gateway takes requests. */
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const OUTPUT = join(WORKSPACE, 'tmp/bench/gateway');
const RETRY_MS = 20;
const DEADLINE_MS = 60_000;
/** Clients that do not finish their headers are let go after this. */
export const HEADERS_TIMEOUT_MS = 5_000;

export async function startGatewayServers({ sink, cores }: Bench): Promise<GatewayServers> {
  const upstream = await start(await buildBaseline('upstream'), undefined, (port) => answers(port, '/', 200));
  const toUpstream = { UPSTREAM_PORT: String(upstream.port) };
  const bare = await start(await buildBaseline('proxy', toUpstream), cores, (port) => answers(port, '/', 200));
  const port = await freePort();
  const contender = await buildGateway(upstream.port, port, sink.endpoint);
  const gateway = await start(contender, cores, (probes) => answers(probes, '/healthz/ready', 200));
  const all = [gateway, bare, upstream];
  const stop = async (): Promise<void> => {
    await Promise.all(all.map((each) => each.stop()));
  };
  return { upstream, bare, gateway, port, stop };
}

async function start(contender: Contender, cores: Bench['cores'], isUp: (port: number) => Promise<void>) {
  return (await ServerProcess.start(contender, cores, isUp)).server;
}

/** As `ebb build` makes it, with routes of its own; counted in memory, so that PostgreSQL is no part of it. */
async function buildGateway(upstreamPort: number, port: number, otlp: string): Promise<Contender> {
  const { main } = await buildService({ root: WORKSPACE, app: 'apps/gateway', outdir: OUTPUT, codeCache: true });
  mkdirSync(OUTPUT, { recursive: true });
  const files = { CATALOGUE_FILE: join(OUTPUT, 'catalogue.json'), ROUTES_FILE: join(OUTPUT, 'routes.json') };
  const to = `http://127.0.0.1:${upstreamPort}`;
  const routes = [
    { path: '/plain/:id', to, access: 'anyone' },
    { path: '/kept/:id', to, access: 'anyone', cache: { maxAge: '1h' } },
    { path: '/closed/:id', to, access: 'signed-in' },
  ];
  writeFileSync(files.CATALOGUE_FILE, JSON.stringify({ entries: [] }));
  writeFileSync(files.ROUTES_FILE, JSON.stringify({ routes }));
  const env = {
    ...files,
    LISTEN_PORT: String(port),
    LIMIT_STORE: 'memory',
    CLIENT_LIMIT: '1000000000',
    USER_LIMIT: '1000000000',
    HEADERS_TIMEOUT: `${HEADERS_TIMEOUT_MS}ms`,
    DRAIN_DELAY: '0ms',
    SERVICES_URL: 'http://{service}.localhost:1',
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    EVENT_LOG_URL: 'postgres://127.0.0.1:1/none',
    EBB_IDENTITY_KEY: generateIdentityKeys().privateJwk,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
  };
  return { main, env };
}

/** Waits until the server answers so. */
async function answers(port: number, path: string, status: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      const client = await HttpClient.open(getOf(port, path, status));
      await client.ask().finally(() => client.close());
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
