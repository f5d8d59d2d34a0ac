import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, gatewayWith, holds, stopAll, upstreamWith } from '../gateway.fixture.ts';

afterEach(stopAll);

const answering = (text: string) => upstreamWith((_request, response) => response.end(text));

describe('the routes', () => {
  it('are those of the file as it is now, without a request in between that fails', async () => {
    const [one, other] = [await answering('one'), await answering('other')];
    const gateway = await gatewayWith([{ path: '/x', to: one.url, access: 'anyone' }]);
    expect(await ask(gateway.port, '/x')).toMatchObject({ text: 'one' });
    await gateway.writeRoutes([{ path: '/x', to: other.url, access: 'anyone' }]);
    await holds(async () => {
      const { status, text } = await ask(gateway.port, '/x');
      expect(status).toBe(200);
      expect(text).toBe('other');
    });
  });

  it('stay as they are when the file is not valid, or away, and metrics tell', async () => {
    const upstream = await answering('one');
    const gateway = await gatewayWith([{ path: '/x', to: upstream.url, access: 'anyone' }]);
    await gateway.writeRoutes([{ path: 'x' }]);
    await gateway.source.look();
    expect(gateway.source.troubles).toEqual([expect.stringContaining('/routes/0/path')]);
    expect(await gateway.metrics()).toContain('ebb_gateway_file_troubles 1');
    expect(await ask(gateway.port, '/x')).toMatchObject({ text: 'one' });
    await rm(join(gateway.folder, 'routes.json'));
    await gateway.source.look();
    expect(await ask(gateway.port, '/x')).toMatchObject({ text: 'one' });
    await gateway.writeRoutes([]);
    await gateway.source.look();
    expect(gateway.source.troubles).toEqual([]);
    expect(await ask(gateway.port, '/x')).toMatchObject({ status: 404 });
  });

  it('that two want are served for neither, and the others are', async () => {
    const upstream = await answering('one');
    const gateway = await gatewayWith([
      { path: '/x/:id', to: 'http://a.example', access: 'anyone' },
      { path: '/x/:other', to: 'http://b.example', access: 'anyone' },
      { path: '/y', to: upstream.url, access: 'anyone' },
    ]);
    expect(await ask(gateway.port, '/x/1')).toMatchObject({ status: 404 });
    expect(await ask(gateway.port, '/y')).toMatchObject({ text: 'one' });
    expect(await gateway.metrics()).toContain('ebb_gateway_route_conflicts 1');
  });

  it('are not known before the catalogue could be read', async () => {
    const gateway = await gatewayWith([], { catalogue: '{"entries": 7}' });
    expect(gateway.source.isComplete).toBe(false);
    expect(gateway.source.troubles).toEqual([expect.stringContaining('list of entries')]);
    await writeFile(join(gateway.folder, 'catalogue.json'), '{"entries": []}');
    await holds(() => expect(gateway.source.isComplete).toBe(true));
  });
});
