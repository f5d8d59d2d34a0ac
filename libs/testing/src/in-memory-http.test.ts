import { describe, expect, it } from '@jest/globals';
import { send } from './in-memory-http.ts';

describe('a request through memory', () => {
  it('carries method, path, headers and body both ways', async () => {
    const answer = await send(
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, headers } = request;
          response.writeHead(201, { 'x-answer': 'yes' });
          response.end(
            JSON.stringify({ method, url, type: headers['content-type'], body: Buffer.concat(chunks).toString() }),
          );
        });
      },
      'PUT',
      '/things?colour=blue',
      { body: { name: 'mug' }, headers: { 'x-question': 'well?' } },
    );
    expect(answer.status).toBe(201);
    expect(answer.headers['x-answer']).toBe('yes');
    expect(answer.json()).toEqual({
      method: 'PUT',
      url: '/things?colour=blue',
      type: 'application/json',
      body: '{"name":"mug"}',
    });
  });

  it('takes bytes as they are, and answers without a body', async () => {
    const answer = await send(
      (request, response) => {
        request.resume();
        response.writeHead(request.headers['content-type'] === 'text/plain' ? 204 : 400).end();
      },
      'POST',
      '/',
      { body: Buffer.from('hello'), headers: { 'content-type': 'text/plain' } },
    );
    expect(answer).toMatchObject({ status: 204, text: '' });
  });

  it('fails when the listener hangs up', async () => {
    await expect(send((request) => request.socket.destroy(), 'GET', '/')).rejects.toThrow(/hang up|reset/);
  });
});
