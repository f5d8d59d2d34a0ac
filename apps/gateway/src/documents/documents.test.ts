import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { CatalogueEntry, RouteEntry } from '@ebb/catalogue';

import type { Answer } from '../pipeline/answer.ts';
import type { HttpExchange } from '../pipeline/http-exchange.ts';
import { RouteTable } from '../routing/route-table.ts';
import { openApiEndpoint } from './open-api-endpoint.ts';
import { referencePage } from './reference-page.ts';

const route = (path: string, gateway = true): RouteEntry => ({
  ...{ method: 'GET', path, summary: 'Look', answers: { 200: { description: 'it' } }, access: 'anyone', gateway },
  ...{ limits: [], maxBodyBytes: 1, timeoutMs: 1_000, raw: false, stream: false, emits: [] },
});

const entry = (name: string, version: string, routes: readonly RouteEntry[]): CatalogueEntry => ({
  ...{ kind: 'service', name, version, functions: [], routes, schedules: [], events: [] },
  ...{ outboxes: false, settings: [], scale: { timeoutMs: 30_000 } },
});

const tableOf = (...entries: readonly CatalogueEntry[]) => new RouteTable({ routes: [], issuers: [], entries });
const ask = (headers: Record<string, string> = {}) => ({ headers }) as unknown as HttpExchange;
const pathsIn = ({ body }: Answer) => Object.keys((JSON.parse(String(body)) as { paths: object }).paths);

describe('/openapi.json', () => {
  it('has what can be reached from outside, as it is now', async () => {
    let table = tableOf(entry('shop', '1', [route('/orders'), route('/ledger', false)]));
    const { answer } = openApiEndpoint(() => table, 'Shop');
    expect(pathsIn(await answer(ask()))).toEqual(['/orders']);
    table = tableOf(entry('shop', '2', [route('/orders'), route('/stock')]));
    expect(pathsIn(await answer(ask()))).toEqual(['/orders', '/stock']);
  });

  it('has neither of two routes that want one address, since neither is served', async () => {
    const table = tableOf(entry('one', '1', [route('/a'), route('/b')]), entry('two', '1', [route('/a')]));
    expect(pathsIn(await openApiEndpoint(() => table, 'Shop').answer(ask()))).toEqual(['/b']);
  });

  it('answers 304 to whoever has it, until a service is another', async () => {
    let table = tableOf(entry('shop', '1', [route('/orders')]));
    const { answer } = openApiEndpoint(() => table, 'Shop');
    const { etag } = (await answer(ask())).headers;
    expect(await answer(ask({ 'if-none-match': `"other", ${String(etag)}` }))).toMatchObject({ status: 304 });
    table = tableOf(entry('shop', '2', [route('/orders')]));
    expect(await answer(ask({ 'if-none-match': String(etag) }))).toMatchObject({ status: 200 });
  });

  it('is zipped for whoever takes that', async () => {
    const table = tableOf(entry('shop', '1', [route('/orders')]));
    const { answer } = openApiEndpoint(() => table, 'Shop');
    const { headers, body } = await answer(ask({ 'accept-encoding': 'br, gzip' }));
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(gunzipSync(body!).equals((await answer(ask())).body!)).toBe(true);
  });
});

describe('/docs', () => {
  const page = referencePage({ style: () => Promise.resolve('main {}'), script: () => Promise.resolve('run()') });
  const at = (path: string) => page.find((each) => each.path === path)!;

  it('loads nothing from elsewhere, and cannot be framed', async () => {
    const { headers, body } = await at('/docs').answer(ask());
    const sources = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source);
    expect(sources.filter((source) => source?.startsWith('/')).toSorted()).toEqual(
      page
        .map(({ path }) => path)
        .filter((path) => path !== '/docs')
        .toSorted(),
    );
    expect(sources.every((source) => source === 'data:,' || source?.startsWith('/'))).toBe(true);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
  });

  it('serves each part with its type', async () => {
    const types = await Promise.all(
      page.map(async ({ path, answer }) => [path, (await answer(ask())).headers['content-type']]),
    );
    expect(Object.fromEntries(types)).toEqual({
      '/docs': 'text/html; charset=utf-8',
      '/docs/start.js': 'text/javascript; charset=utf-8',
      '/docs/swagger-ui.css': 'text/css; charset=utf-8',
      '/docs/swagger-ui.js': 'text/javascript; charset=utf-8',
    });
  });
});
