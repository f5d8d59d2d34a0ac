import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, Secret, silentLogger } from '@ebb/core';
import { migrateLog, openPostgresLog, type EventLog } from '@ebb/event-log';
import { toRecord, type CloudEvent } from '@ebb/events';
import type { DeadPage, RedriveResult } from '@ebb/local/client';
import { createOperator, type Operator } from '@ebb/local/operator';
import { migrate } from '@ebb/postgres/migrate';
import { parkDeadLetter } from '@ebb/postgres/parked';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import { jaegerHandler, openTraceStore, type TraceStore } from '@ebb/traces';
import pg from 'pg';
import { installation, OPERATOR_TOKEN, TRACE_ID, type Installation } from './installation.fixture.ts';

const SCHEMA = 'orders';
const EVENT: CloudEvent = {
  specversion: '1.0',
  id: newId(),
  source: '/svc/orders',
  type: 'dev.ebb.orders.order.placed.v1',
  subject: 'o-1',
  partitionkey: 'o-1',
  datacontenttype: 'application/json',
  data: { orderId: 'o-1' },
};

let database: TestDatabase;
let pool: pg.Pool;
let log: EventLog;
let traces: TraceStore;
let operator: Operator;
let ebb: Installation;
const servers: Server[] = [];

async function listen(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The relay's endpoint and the query API as they are, at the ends of tunnels of the stand-in. */
beforeAll(async () => {
  database = await testDatabase();
  const { url } = database;
  await Promise.all([migrateLog(url), migrate({ url, schema: SCHEMA })]);
  pool = new pg.Pool({ connectionString: url, max: 4 });
  // A pool has ended before its connections have: the database may go while they are there.
  pool.on('error', () => undefined);
  [log, traces] = await Promise.all([openPostgresLog({ url }), openTraceStore({ url })]);
  await log.createTopic({ name: 'orders', partitions: 1, retentionMs: 86_400_000 });
  operator = createOperator({
    token: new Secret(OPERATOR_TOKEN),
    pool,
    log,
    logger: silentLogger,
    schemas: [SCHEMA],
    entries: [],
    topics: () => Promise.resolve(['orders']),
    servicesUrl: 'http://{service}.localhost',
    controlToken: undefined,
  });
  const jaeger = jaegerHandler(traces);
  ebb = await installation();
  ebb.server.forwardTo('ebb/relay-x', 8090, await listen(operator.handle));
  ebb.server.forwardTo('observability/jaeger', 16686, await listen((req, res) => void jaeger(req, res)));
});

afterAll(async () => {
  await ebb.stop();
  await operator.stop();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await Promise.all([log.close(), traces.close(), pool.end()]);
  await database.drop();
});

describe('commands about a cluster, with the parts that answer there', () => {
  it('see and send on what is parked', async () => {
    const payload = Buffer.from(JSON.stringify(EVENT.data));
    const event = { event: EVENT, payload };
    await parkDeadLetter(pool, SCHEMA, { service: 'orders', fn: 'confirm', event, error: 'no', headers: {} });
    const status = await ebb.cluster.target.status();
    expect(status.parked).toEqual({ orders: { 'dead-letter': 1 } });
    expect(status.databases).toEqual([expect.objectContaining({ service: 'orders', schema: SCHEMA })]);
    expect(status.triggers[0]).not.toHaveProperty('lag');

    const dead = await ebb.cluster.target.dead();
    const { items } = await dead.get<DeadPage>('/dead?function=orders/confirm');
    expect(items).toEqual([expect.objectContaining({ target: 'orders/confirm', eventId: EVENT.id })]);
    const sent = await dead.post<RedriveResult>(`/dead/${items[0]?.id ?? ''}/redrive`, { force: false });
    expect(sent.outcome).toBe('redriven');
  });

  it('see events as they pass', async () => {
    const stop = new AbortController();
    const seen = ebb.cluster.target.tail({ subject: 'o-1' }, stop.signal)[Symbol.asyncIterator]();
    const first = seen.next();
    // Until the reader is there: what it missed is not shown to it.
    const publishing = setInterval(() => void log.append('orders', [toRecord(EVENT)]), 100);
    const { value } = (await first) as { value: unknown };
    clearInterval(publishing);
    expect(value).toMatchObject({ kind: 'received', topic: 'orders', id: EVENT.id });
    stop.abort();
    await seen.return?.(undefined);
  });

  it('find the trace of an event', async () => {
    const now = BigInt(Date.now()) * 1_000_000n;
    await traces.write([
      {
        traceId: TRACE_ID,
        spanId: '00f067aa0ba902b7',
        service: 'inventory',
        name: 'process reserve-stock',
        kind: 'consumer',
        startNs: now,
        endNs: now + 5_000_000n,
        status: { code: 'unset' },
        attributes: { 'cloudevents.event_id': EVENT.id },
        events: [],
        links: [],
        resource: { 'service.name': 'inventory' },
      },
    ]);
    const { traceId, text } = await ebb.cluster.target.trace(EVENT.id, { color: false, width: 120 });
    expect(traceId).toBe(TRACE_ID);
    expect(text).toContain('process reserve-stock');
    await expect(ebb.cluster.target.trace(TRACE_ID, { color: false, width: 120 })).resolves.toHaveProperty(
      'text',
      text,
    );
  });
});
