import type { Bench } from './bench.ts';
import { figure, type Figure } from './figure.ts';
import { HEADERS_TIMEOUT_MS, startGatewayServers, type GatewayServers } from './gateway-servers.ts';
import { getOf, pacedLatencies, sendRequests, type HttpLoad } from './http-load.ts';
import { ManyConnections } from './many-connections.ts';
import { interleaved } from './rounds.ts';
import type { ServerProcess } from './server-process.ts';
import { differencesOf, summaryOf } from './statistics.ts';

const PER_SECOND = 100;
const REQUESTS = 300;
const ROUNDS = 5;
const COUNT = 10_000;
const CONCURRENCY = 16;
const WARM_UP = 5_000;
const IDLE_CONNECTIONS = 10_000;
const SLOW_CLIENTS = 1_000;
const MILLISECONDS_PER_SECOND = 1_000;
const KILOBYTES_PER_MEGABYTE = 1_000;
const PATIENCE_MS = 60_000;

type Way = 'direct' | 'bare' | 'gateway';

/** What the gateway costs beside a bare proxy, and what it holds. */
export async function gateway(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startGatewayServers(bench);
  try {
    const [rounds, count] = bench.quick ? [3, COUNT / 4] : [ROUNDS, COUNT];
    return [
      ...(await overhead(servers, rounds)),
      ...(await rates(servers, rounds, count)),
      ...(await idleConnections(servers)),
      ...(await slowClients(servers)),
    ];
  } finally {
    await servers.stop();
  }
}

/** The median of what a request takes, at a rate that leaves everybody time. */
async function overhead({ upstream, bare, port }: GatewayServers, rounds: number): Promise<readonly Figure[]> {
  const loads: Record<Way, HttpLoad> = {
    direct: getOf(upstream.port, '/plain/1', 200),
    bare: getOf(bare.port, '/plain/1', 200),
    gateway: getOf(port, '/plain/1', 200),
  };
  for (const load of Object.values(loads)) await sendRequests(load, WARM_UP, CONCURRENCY);
  const medians: Record<Way, number[]> = { direct: [], bare: [], gateway: [] };
  for (let round = 0; round < rounds; round += 1) {
    const taken = await pacedLatencies(loads, PER_SECOND, REQUESTS);
    for (const way of Object.keys(medians) as Way[]) medians[way].push(summaryOf(taken[way]).median);
  }
  return [
    figure(`p50 at ${PER_SECOND} requests/s, without a proxy`, 'ms', medians.direct),
    figure('  more through a bare proxy', 'ms', differencesOf(medians.bare, medians.direct)),
    figure('  more through the gateway', 'ms', differencesOf(medians.gateway, medians.direct), { atMost: 1 }),
  ];
}

/** Requests per second of the server's own processor time, or of the clock where that is not known. */
async function rates({ gateway: process, bare, port }: GatewayServers, rounds: number, count: number) {
  const ways: Record<string, { readonly server: ServerProcess; readonly load: HttpLoad; readonly atLeast?: number }> = {
    'bare proxy, passed on': { server: bare, load: getOf(bare.port, '/plain/1', 200) },
    'gateway, passed on': { server: process, load: getOf(port, '/plain/1', 200) },
    'gateway, refused (401)': { server: process, load: getOf(port, '/closed/1', 401), atLeast: 5_000 },
    'gateway, from the cache': { server: process, load: getOf(port, '/kept/1', 200), atLeast: 5_000 },
  };
  const names = Object.keys(ways);
  const values = await interleaved(names, rounds, (name) => rateOf(ways[name], count));
  return names.map((name) => {
    const atLeast = ways[name]?.atLeast;
    const goal = atLeast === undefined ? undefined : { atLeast };
    return figure(`${name}: requests/s of one core`, '/s', values[name] ?? [], goal);
  });
}

async function rateOf(way: { readonly server: ServerProcess; readonly load: HttpLoad } | undefined, count: number) {
  if (!way) throw new RangeError('no such way');
  const before = way.server.processorMs();
  const elapsedMs = await sendRequests(way.load, count, CONCURRENCY);
  const after = way.server.processorMs();
  const tookMs = before === undefined || after === undefined ? elapsedMs : after - before;
  return (count / tookMs) * MILLISECONDS_PER_SECOND;
}

async function idleConnections({ gateway: process, port }: GatewayServers): Promise<readonly Figure[]> {
  const before = process.memoryMb();
  const many = await ManyConnections.open(port, IDLE_CONNECTIONS, getOf(port, '/kept/1', 200).bytes);
  try {
    const taken = await pacedLatencies({ port: getOf(port, '/plain/1', 200) }, PER_SECOND, PER_SECOND);
    const after = process.memoryMb();
    if (many.closed > 0) throw new Error(`${many.closed} idle connections were closed`);
    const each = before === undefined || after === undefined ? [] : [after - before];
    return [
      figure(`p50 beside ${IDLE_CONNECTIONS} idle connections`, 'ms', [summaryOf(taken.port).median]),
      ...each.map((mb) =>
        figure('  memory for each of them', 'kB', [(mb * KILOBYTES_PER_MEGABYTE) / IDLE_CONNECTIONS]),
      ),
    ];
  } finally {
    many.close();
  }
}

/** Clients that never finish their headers: others are served meanwhile, and they are let go. */
async function slowClients({ port }: GatewayServers): Promise<readonly Figure[]> {
  const started = performance.now();
  const many = await ManyConnections.open(port, SLOW_CLIENTS, 'GET /plain/1 HTTP/1.1\r\nhost: a\r\nx-slow: ');
  try {
    const load = { port: getOf(port, '/plain/1', 200) };
    const taken = await pacedLatencies(load, PER_SECOND, PER_SECOND);
    while (many.closed < SLOW_CLIENTS) {
      if (performance.now() - started > PATIENCE_MS) throw new Error(`${many.closed} of ${SLOW_CLIENTS} were let go`);
      await new Promise((resolve) => setTimeout(resolve, PER_SECOND));
    }
    const tookMs = performance.now() - started;
    return [
      figure(`p50 beside ${SLOW_CLIENTS} clients that never finish their headers`, 'ms', [
        summaryOf(taken.port).median,
      ]),
      figure(`  until the last is let go, of ${HEADERS_TIMEOUT_MS} ms allowed`, 'ms', [tookMs]),
    ];
  } finally {
    many.close();
  }
}
