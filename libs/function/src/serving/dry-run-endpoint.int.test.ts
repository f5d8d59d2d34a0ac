import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@ebb/core';
import { createEvent, encodeBinary } from '@ebb/events';
import { startTelemetry, type Telemetry } from '@ebb/telemetry';

import { send } from '../testing-fixtures/child.fixture.ts';
import { ParcelWeighed } from '../testing-fixtures/parcels/src/events.ts';
import { service } from '../testing-fixtures/parcels/src/service.ts';
import { createHandler } from './handler.ts';
import { HttpServer } from './http-server.ts';

const TOKEN = 'of the platform';
let telemetry: Telemetry;
const servers: HttpServer[] = [];

const serve = async (controlToken?: Secret): Promise<number> => {
  const config = { DEPOT: 'Berlin', MAX_GRAMS: 31_500 };
  const handler = createHandler(service, { telemetry, config, ...(controlToken && { controlToken }) });
  const server = await HttpServer.start(handler, { port: 0, host: '127.0.0.1' });
  servers.push(server);
  return server.port;
};

beforeAll(() => {
  telemetry = startTelemetry({ service: 'parcels', logLevel: 'silent' });
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.drain(1_000)));
  await telemetry.shutdown();
});

const dryRun = (port: number, token: string, fn = 'weigh') => {
  const event = createEvent(ParcelWeighed, { parcelId: 'p', grams: 10 }, { source: '/scales' });
  const { headers, body } = encodeBinary(event);
  return send(port, 'POST', `/functions/${fn}`, { headers: { ...headers, 'ebb-dry-run': token }, body: body ?? '' });
};

describe('a dry run', () => {
  it('is for the platform alone', async () => {
    const port = await serve(new Secret(TOKEN));
    for (const token of ['', 'true', `${TOKEN}!`]) expect(await dryRun(port, token)).toMatchObject({ status: 403 });
    expect(await dryRun(await serve(), '')).toMatchObject({ status: 403 });
    expect(await dryRun(await serve(new Secret('')), '')).toMatchObject({ status: 403 });
  });

  it('is refused where nothing could be rolled back', async () => {
    const port = await serve(new Secret(TOKEN));
    const { status, body } = await dryRun(port, TOKEN);
    expect(status).toBe(409);
    expect(body).toContain('effects go outside');
    expect(await dryRun(port, TOKEN, 'nobody')).toMatchObject({ status: 404 });
  });
});
