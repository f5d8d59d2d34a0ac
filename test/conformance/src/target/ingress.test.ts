import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@ebb/events';
import { publishToIngress } from './ingress.ts';

const EVENT: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/test',
  type: 'com.example.thing.v1',
  datacontenttype: 'application/json',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  data: { n: 1 },
};

const taken: unknown[] = [];
let server: Server;
let base: string;
beforeAll(async () => {
  // Answers with the status that the broker is called.
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method, url, headers } = request;
      taken.push({ method, url, headers, body });
      response.writeHead(Number(url?.split('/').at(-1))).end(url?.endsWith('503') ? 'no leader' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop/`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the ingress of a broker', () => {
  it('is given the event in binary mode, with its trace as header and as attribute', async () => {
    await publishToIngress({ url: `${base}202`, event: EVENT, token: 'ey.jo', look: [] });
    expect(taken.at(-1)).toMatchObject({
      method: 'POST',
      url: '/shop/202',
      body: '{"n":1}',
      headers: {
        'ce-id': 'e-1',
        'ce-type': 'com.example.thing.v1',
        'ce-traceparent': EVENT.traceparent,
        traceparent: EVENT.traceparent,
        authorization: 'Bearer ey.jo',
        'content-type': 'application/json',
      },
    });
  });

  it.each([
    [400, 'takes this for no CloudEvent'],
    [403, 'an EventPolicy'],
    [404, 'no such broker, or it is not ready'],
    [503, 'Kafka is away, or the topic is missing. It said: no leader'],
    [418, 'no answer of a broker'],
  ])('that answers %i breaks the way there, and is explained', async (status, said) => {
    await expect(
      publishToIngress({ url: `${base}${status}`, event: EVENT, look: ['kubectl get broker'] }),
    ).rejects.toMatchObject({
      link: 'ingress',
      message: expect.stringContaining(said),
      look: ['kubectl get broker'],
    });
  });
});
