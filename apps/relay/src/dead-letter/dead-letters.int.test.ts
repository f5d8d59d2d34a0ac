import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, Secret, silentLogger, type Logger } from '@ebb/core';
import { encodeBinary, type CloudEvent } from '@ebb/events';
import { Metrics } from '@ebb/function';
import { migrate, provision, setPassword } from '@ebb/postgres/migrate';
import { listParked, showParked } from '@ebb/postgres/parked';
import { startTelemetry } from '@ebb/telemetry';
import { dropRoles } from '@ebb/test-database';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { relayTest, thing, type RelayTest } from '../relay.fixture.ts';
import { serveDeadLetters } from './serve-dead-letters.ts';

const PASSWORD = 'geheim';
const FAILURE = { knativeerrordest: 'http://shop.ebb.svc.cluster.local/functions/sell', knativeerrorcode: '500' };

let relay: RelayTest;
let admin: pg.Pool;
let schema: string;
let port: number;
let ended: Promise<void>;
const stopping = new AbortController();
const metrics = new Metrics();
const exporter = new InMemorySpanExporter();
const telemetry = startTelemetry({ service: 'relay', exporter, logLevel: 'silent' });

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
  const log: Logger = {
    ...silentLogger,
    info: (fields: object | string) => {
      if (typeof fields === 'object' && 'port' in fields) listening.resolve(Number(fields.port));
    },
  };
  const config = {
    DATABASE_URL: new Secret(as(relayRole)),
    OUTBOX_SCHEMAS: [schema, 'not_there'],
    ANSWER_TIMEOUT: 20_000,
  };
  const listen = { port: 0, host: undefined };
  ended = serveDeadLetters({ config, listen, log, tracer: telemetry.tracer, metrics, signal: stopping.signal });
  port = await listening.promise;
});

afterAll(async () => {
  stopping.abort();
  await ended;
  await dropRoles((text) => admin.query(text), schema, `relay_${schema.slice('svc_'.length)}`);
  await admin.end();
  await telemetry.shutdown();
  await relay.close();
});

function as(role: string): string {
  const url = new URL(relay.url);
  url.username = role;
  url.password = PASSWORD;
  return url.href;
}

async function send(event: CloudEvent, path = `/dead-letters/${schema}/shop/sell`, method = 'POST'): Promise<number> {
  const { headers, body } = encodeBinary(event, Buffer.from(JSON.stringify(event.data)));
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    body: method === 'POST' ? (body ?? null) : null,
  });
  await answer.text();
  return answer.status;
}

const letters = () => listParked(admin, schema, { limit: 100 });

describe('the endpoint for dead letters', () => {
  it('parks what a broker gave up on, with the rights of the relay alone', async () => {
    const event = thing('k', 1, { ...FAILURE, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    expect(await send(event)).toBe(204);
    const [letter] = (await letters()).filter(({ eventId }) => eventId === event.id);
    expect(letter).toMatchObject({
      reason: 'dead-letter',
      state: 'waiting',
      message: `500 from ${FAILURE.knativeerrordest}`,
    });
    const parked = await showParked(admin, schema, letter?.id ?? '');
    expect(parked?.headers).toEqual(FAILURE);
    expect(parked?.event).not.toHaveProperty('knativeerrorcode');
    expect(await metrics.text()).toContain('ebb_dead_letters_total{service="shop",function="sell"}');
    await telemetry.flush();
    const spans = exporter.getFinishedSpans().filter(({ name }) => name === 'park dead letter of shop/sell');
    expect(spans[0]?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('parks an event once, however often it comes', async () => {
    const event = thing('k', 2, FAILURE);
    expect(await Promise.all([send(event), send(event), send(event)])).toEqual([204, 204, 204]);
    expect((await letters()).filter(({ eventId }) => eventId === event.id)).toHaveLength(1);
  });

  it('lets the broker come again when it cannot take a letter now', async () => {
    expect(await send(thing('k', 3, FAILURE), '/dead-letters/not_there/shop/sell')).toBe(503);
    expect(await send(thing('k', 3, FAILURE), '/dead-letters/unheard_of/shop/sell')).toBe(404);
  });

  it('keeps what nobody can read, once, with all that is known of it', async () => {
    const send = async (): Promise<number> => {
      const headers = { 'ce-specversion': '0.3', 'ce-id': '', 'ce-type': 'old', 'ce-knativekafkaoffset': '7' };
      const url = `http://127.0.0.1:${port}/dead-letters/${schema}/shop/sell`;
      const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from([0, 255]) });
      return answer.status;
    };
    expect([await send(), await send()]).toEqual([204, 204]);
    const kept = (await letters()).filter(({ type }) => type === 'dev.ebb.platform.event.unreadable.v1');
    expect(kept).toMatchObject([{ reason: 'dead-letter', message: expect.stringContaining('cannot be read') }]);
    const parked = await showParked(admin, schema, kept[0]?.id ?? '');
    expect(parked?.headers).toMatchObject({ 'ce-type': 'old', 'ce-knativekafkaoffset': '7' });
    expect(parked?.event).toMatchObject({ data_base64: 'AP8=' });
  });

  it('takes nothing but events, by POST', async () => {
    expect(await send(thing('k', 4), undefined, 'GET')).toBe(405);
    const answer = await fetch(`http://127.0.0.1:${port}/dead-letters/${schema}/shop/sell`, {
      method: 'POST',
      body: 'no event',
    });
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ status: 400 })]);
  });

  it('is not taken any more by a relay that is stopping', async () => {
    const config = { DATABASE_URL: new Secret(''), OUTBOX_SCHEMAS: [], ANSWER_TIMEOUT: 1 };
    const listen = { port: 0, host: undefined };
    const signal = AbortSignal.abort();
    await serveDeadLetters({ config, listen, log: silentLogger, tracer: telemetry.tracer, metrics, signal });
  });
});
