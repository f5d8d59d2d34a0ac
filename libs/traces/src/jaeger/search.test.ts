import { describe, expect, it } from '@jest/globals';
import { jaegerServices, searchJaeger } from './search.ts';

const UI = '<!doctype html><title>Jaeger UI</title>';
const QUERY = {
  service: 'orders',
  since: new Date('2026-01-01T00:00:00Z'),
  until: new Date('2026-01-01T00:01:00Z'),
  tags: { 'cloudevents.event_id': 'e-1' },
  limit: 20,
};

/** Answers by the path, whatever the query; what it does not know gets the page of its UI. */
function jaeger(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  const asked: URL[] = [];
  return {
    asked,
    get: (path: string) => {
      const url = new URL(path, 'http://jaeger');
      asked.push(url);
      const [status, body] = answers[url.pathname] ?? [200, UI];
      return Promise.resolve({ status, body: typeof body === 'string' ? body : JSON.stringify(body) });
    },
  };
}

const OLDER = {
  data: [
    {
      traceID: 'a1',
      spans: [
        { traceID: 'a1', spanID: 'b2', operationName: 'publish orders', startTime: 1, duration: 2, processID: 'p' },
      ],
      processes: { p: { serviceName: 'relay' } },
    },
  ],
};
const NEWER = {
  result: {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'relay' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '000000000000000000000000000000a1',
                spanId: '00000000000000b2',
                name: 'publish orders',
                startTimeUnixNano: '1000',
                endTimeUnixNano: '3000',
              },
            ],
          },
        ],
      },
    ],
  },
};

describe('a search in a Jaeger', () => {
  it.each([
    ['older', { '/api/traces': [200, OLDER] as const }],
    ['newer', { '/api/v3/traces': [200, NEWER] as const, '/api/traces': [404, 'no'] as const }],
    ['newest, which shows its UI instead of the older one', { '/api/v3/traces': [200, NEWER] as const }],
  ])('speaks its %s API', async (_which, answers) => {
    const spans = await searchJaeger(jaeger(answers).get, QUERY);
    expect(spans).toEqual([
      expect.objectContaining({ service: 'relay', name: 'publish orders', startNs: 1_000n, endNs: 3_000n }),
    ]);
  });

  it('asks for service, window, tags and number', async () => {
    const { get, asked } = jaeger({});
    await expect(searchJaeger(get, QUERY)).resolves.toEqual([]);
    const [older, newer] = asked.map(({ searchParams }) => Object.fromEntries(searchParams));
    expect(older).toEqual({
      service: 'orders',
      start: '1767225600000000',
      end: '1767225660000000',
      limit: '20',
      tags: '{"cloudevents.event_id":"e-1"}',
    });
    expect(newer).toMatchObject({
      'query.service_name': 'orders',
      'query.start_time_min': '2026-01-01T00:00:00.000Z',
      'query.search_depth': '20',
    });
  });

  it('lists services by either API', async () => {
    expect(await jaegerServices(jaeger({ '/api/v3/services': [200, { services: ['a'] }] }).get)).toEqual(['a']);
    expect(await jaegerServices(jaeger({ '/api/services': [200, { data: ['b'] }] }).get)).toEqual(['b']);
    expect(await jaegerServices(jaeger({}).get)).toEqual([]);
  });

  it('fails when the Jaeger does', async () => {
    const { get } = jaeger({ '/api/traces': [503, 'storage is away'] });
    await expect(searchJaeger(get, QUERY)).rejects.toThrow('/api/traces was answered with 503');
  });
});
