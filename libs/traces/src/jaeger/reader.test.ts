import { describe, expect, it } from '@jest/globals';
import { readJaeger } from './reader.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** What a Jaeger says, by path; what it does not know gets the page of its UI, as from the real one. */
function jaeger(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  const asked: string[] = [];
  const get = (path: string) => {
    asked.push(path);
    const [status, body] = answers[path] ?? [200, '<!doctype html><title>Jaeger UI</title>'];
    return Promise.resolve({ status, body: typeof body === 'string' ? body : JSON.stringify(body) });
  };
  return { asked, spans: () => readJaeger(get, TRACE) };
}

const V3 = `/api/v3/traces/${TRACE}`;
const V1 = `/api/traces/${TRACE}`;

/** In OTLP's JSON mapping, 64-bit numbers as text, what is empty left out. */
const OTLP = {
  result: {
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'inventory' } },
            { key: 'service.version', value: { stringValue: '1.2.3' } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: 'ebb', version: '0.1.0' },
            spans: [
              {
                traceId: TRACE,
                spanId: 'b7ad6b7169203331',
                parentSpanId: '00f067aa0ba902b7',
                name: 'process reserve-stock',
                kind: 5,
                startTimeUnixNano: '1700000000000001000',
                endTimeUnixNano: '1700000000000005000',
                attributes: [
                  { key: 'cloudevents.event_id', value: { stringValue: 'e-1' } },
                  { key: 'attempt', value: { intValue: '2' } },
                ],
                events: [{ timeUnixNano: '1700000000000002000', name: 'retried' }],
                links: [{ traceId: TRACE, spanId: '53ce929d0e0e4736' }],
                status: { code: 2, message: 'no stock' },
              },
            ],
          },
        ],
      },
    ],
  },
};

/** As the UI of versions before reads it: tags with their types, times in microseconds, processes apart. */
const LEGACY = {
  data: [
    {
      traceID: TRACE,
      spans: [
        {
          traceID: TRACE,
          spanID: 'b7ad6b7169203331',
          operationName: 'process reserve-stock',
          references: [
            { refType: 'CHILD_OF', traceID: TRACE, spanID: 'f067aa0ba902b7' },
            { refType: 'FOLLOWS_FROM', traceID: TRACE, spanID: '53ce929d0e0e4736' },
          ],
          startTime: 1_700_000_000_000_001,
          duration: 4,
          tags: [
            { key: 'cloudevents.event_id', type: 'string', value: 'e-1' },
            { key: 'attempt', type: 'int64', value: 2 },
            { key: 'otel.scope.name', type: 'string', value: 'ebb' },
            { key: 'otel.scope.version', type: 'string', value: '0.1.0' },
            { key: 'span.kind', type: 'string', value: 'consumer' },
            { key: 'otel.status_code', type: 'string', value: 'ERROR' },
            { key: 'otel.status_description', type: 'string', value: 'no stock' },
            { key: 'error', type: 'bool', value: true },
          ],
          logs: [{ timestamp: 1_700_000_000_000_002, fields: [{ key: 'event', type: 'string', value: 'retried' }] }],
          processID: 'p1',
          warnings: null,
        },
      ],
      processes: {
        p1: { serviceName: 'inventory', tags: [{ key: 'service.version', type: 'string', value: '1.2.3' }] },
      },
      warnings: null,
    },
  ],
  total: 0,
  limit: 0,
  offset: 0,
  errors: null,
};

const SPAN = {
  traceId: TRACE,
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  service: 'inventory',
  name: 'process reserve-stock',
  kind: 'consumer',
  status: { code: 'error', message: 'no stock' },
  attributes: { 'cloudevents.event_id': 'e-1', attempt: 2 },
  links: [{ traceId: TRACE, spanId: '53ce929d0e0e4736', attributes: {} }],
  resource: { 'service.name': 'inventory', 'service.version': '1.2.3' },
  scope: { name: 'ebb', version: '0.1.0' },
};

describe('readJaeger', () => {
  it('reads OTLP from /api/v3', async () => {
    const one = jaeger({ [V3]: [200, OTLP] });
    const startNs = 1_700_000_000_000_001_000n;
    const events = [{ name: 'retried', timeNs: startNs + 1_000n, attributes: {} }];
    expect(await one.spans()).toEqual([{ ...SPAN, startNs, endNs: startNs + 4_000n, events }]);
    expect(one.asked).toEqual([V3]);
  });

  it.each([
    ['no such path', [404, '404 page not found']],
    ['the page of the UI', [200, '<!doctype html>']],
  ] as const)('reads the older documents when /api/v3 gives %s', async (_what, answer) => {
    const one = jaeger({ [V3]: answer, [V1]: [200, LEGACY] });
    const startNs = 1_700_000_000_000_001_000n;
    const events = [{ name: 'retried', timeNs: startNs + 1_000n, attributes: {} }];
    expect(await one.spans()).toEqual([{ ...SPAN, startNs, endNs: startNs + 4_000n, events }]);
    expect(one.asked).toEqual([V3, V1]);
  });

  it('finds nothing where the trace is not known, yet or any more', async () => {
    const newer = jaeger({ [V3]: [404, { error: { httpCode: 404, message: 'No traces found' } }] });
    expect(await newer.spans()).toEqual([]);
    expect(newer.asked).toEqual([V3]);
    const older = jaeger({ [V1]: [404, { data: null, errors: [{ code: 404, msg: 'trace not found' }] }] });
    expect(await older.spans()).toEqual([]);
  });

  it.each([
    ['is no Jaeger', { [V3]: [404, 'nope'], [V1]: [404, 'nope'] }, 'no query API of Jaeger'],
    ['is another program with JSON', { [V3]: [200, { status: 'UP' }], [V1]: [200, []] }, 'no query API of Jaeger'],
    ['fails', { [V3]: [500, { error: { message: 'storage is away' } }] }, 'answered with 500: .*storage is away'],
    ['gives what is no OTLP', { [V3]: [200, { result: { resourceSpans: 7 } }] }, '/resourceSpans must be an array'],
    ['gives what is no document', { [V1]: [200, { data: [{ spans: [{ startTime: 'x' }] }] }] }, '/data/0/spans/0'],
  ] as const)('says so when what answers %s', async (_what, answers, said) => {
    await expect(jaeger(answers).spans()).rejects.toThrow(new RegExp(said, 's'));
  });
});
