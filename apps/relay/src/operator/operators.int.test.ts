import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, Secret, silentLogger, type Logger } from '@ebb/core';
import { toRecord } from '@ebb/events';
import {
  ControlClient,
  type DeadDetail,
  type DeadPage,
  type LagReport,
  type OperatorReport,
  type TailEvent,
} from '@ebb/local/client';
import { migrate, provision, setPassword } from '@ebb/postgres/migrate';
import { parkDeadLetter } from '@ebb/postgres/parked';
import { dropRoles } from '@ebb/test-database';
import pg from 'pg';
import { relayTest, thing, TOPIC, type RelayTest } from '../relay.fixture.ts';
import { serveOperators } from './serve-operators.ts';

const TOKEN = 'geheim-geheim-geheim';
const PASSWORD = 'geheim';

let relay: RelayTest;
let admin: pg.Pool;
let client: ControlClient;
let port: number;
let schema: string;
const stopping = new AbortController();
let ended: Promise<void>;

/** As in a cluster: a role of its own, which has the grants of a relay and nothing else. */
beforeAll(async () => {
  relay = await relayTest();
  admin = new pg.Pool({ connectionString: relay.url, max: 2 });
  // A pool has ended before its connections have: the database may go while they are there.
  admin.on('error', () => undefined);
  const unique = new URL(relay.url).pathname.replaceAll(/[^a-z0-9]/g, '');
  schema = `svc_${unique}`;
  const relayRole = `relay_${unique}`;
  await provision({ adminUrl: relay.url, role: schema, schema, password: PASSWORD, relayRole });
  await migrate({ url: as(schema), schema });
  const one = await admin.connect();
  await setPassword(one, relayRole, PASSWORD);
  one.release();
  const listening = deferred<number>();
  const logger: Logger = {
    ...silentLogger,
    info: (fields: object | string) => {
      if (typeof fields === 'object' && 'port' in fields) listening.resolve(Number(fields.port));
    },
  };
  ended = serveOperators({
    config: {
      DATABASE_URL: new Secret(as(relayRole)),
      OUTBOX_SCHEMAS: [schema],
      TOPICS: [TOPIC],
      ANSWER_TIMEOUT: 20_000,
      OPERATOR_TOKEN: new Secret(TOKEN),
      OPERATOR_PORT: 0,
      CATALOGUE_FILE: join(import.meta.dirname, 'none.json'),
      SERVICES_URL: 'http://{service}.localhost',
      EBB_CONTROL_TOKEN: undefined,
    },
    eventLog: relay.log,
    log: logger,
    signal: stopping.signal,
  });
  port = await listening.promise;
  client = clientWith(`Bearer ${TOKEN}`);
});

afterAll(async () => {
  stopping.abort();
  await ended;
  await dropRoles((text) => admin.query(text), schema, `relay_${schema.slice('svc_'.length)}`);
  await admin.end();
  await relay.close();
});

function as(role: string): string {
  const url = new URL(relay.url);
  url.username = role;
  url.password = PASSWORD;
  return url.href;
}

function clientWith(authorization: string | undefined): ControlClient {
  return new ControlClient(
    ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        const all = { ...headers, ...(authorization !== undefined && { authorization }) };
        request({ host: '127.0.0.1', port, method, path, headers: all, ...(signal && { signal }) }, resolve)
          .on('error', reject)
          .end(body);
      }),
  );
}

const service = (): string => schema.replaceAll('_', '-');

async function park(): Promise<string> {
  const event = thing('k', 1);
  const payload = Buffer.from(JSON.stringify(event.data));
  await parkDeadLetter(admin, schema, {
    service: service(),
    fn: 'sell',
    event: { event, payload },
    error: 'no',
    headers: {},
  });
  const { items } = await client.get<DeadPage>('/dead');
  return items[0]?.id ?? '';
}

describe('the endpoint for operators', () => {
  it.each([undefined, 'Bearer wrong', 'Bearer', `Basic ${TOKEN}`])('answers nobody who shows %s', async (shown) => {
    await expect(clientWith(shown).get('/status')).rejects.toThrow('the token is missing or wrong');
  });

  it('tells what waits in the databases', async () => {
    const report = await client.get<OperatorReport>('/status');
    expect(report.databases).toEqual([expect.objectContaining({ schema, service: service(), pending: 0 })]);
    expect(report.circuits).toEqual([]);
  });

  it('lists, shows, sends again and discards, with the rights of the relay alone', async () => {
    const id = await park();
    expect((await client.get<DeadDetail>(`/dead/${id}`)).error).toBe('no');
    await expect(client.post(`/dead/${id}/redrive`, {})).resolves.toMatchObject({ outcome: 'redriven' });
    const other = await park();
    await expect(client.post(`/dead/${other}/edit`, { data: { n: 2 } })).resolves.toHaveProperty('eventId');
    const third = await park();
    await expect(client.post(`/dead/${third}/discard`, { note: 'a test' })).resolves.toEqual({ id: third });
    await expect(client.post(`/dead/${third}/dry-run`, {})).rejects.toThrow('has no EBB_CONTROL_TOKEN');
    await expect(client.get('/dead/nonsense')).rejects.toThrow('is no id of a parked event');
  });

  it('measures how far groups are behind, and says when it does not know', async () => {
    const consumers = [
      { group: 'nobody', topic: TOPIC },
      { group: 'nobody', topic: 'no-such-topic' },
    ];
    await expect(client.post<LagReport>('/lag', { consumers })).resolves.toEqual({ lags: [null, null] });
    await expect(client.post('/lag', { consumers: 'all' })).rejects.toThrow('/consumers');
  });

  it('shows what passes', async () => {
    const stop = new AbortController();
    const seen = client.stream<TailEvent>('/events?type=dev.ebb.shop.*', stop.signal);
    const first = seen.next();
    const event = thing('k', 7);
    // Until the reader is there: what it missed is not shown to it.
    const publishing = setInterval(() => void relay.log.append(TOPIC, [toRecord(event)]), 100);
    const { value } = (await first) as { value: unknown };
    clearInterval(publishing);
    expect(value).toMatchObject({ kind: 'received', topic: TOPIC, id: event.id });
    stop.abort();
    await seen.return(undefined);
  });

  it('has nothing else', async () => {
    await expect(client.get('/traces/abc')).rejects.toThrow('has no /ebb/v1/traces/abc');
    await expect(client.post('/status', {})).rejects.toThrow('use GET');
  });
});
