import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import { spanExporterOf } from '../exporter.ts';
import type { StoredSpan } from '../span.ts';
import { sdkSpans, spanIdOf, spanWith, traceIdOf } from '../spans.fixture.ts';
import { openTraceStore } from './open.ts';
import type { TraceStore } from './store.ts';

let database: TestDatabase;
let store: TraceStore;

beforeAll(async () => {
  database = await testDatabase();
  store = await openTraceStore({ url: database.url });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const MS = 1_000_000n;
const SECOND = 1_000n * MS;
const now = () => BigInt(Date.now()) * MS;
const ids = (traces: readonly (readonly StoredSpan[])[]) => traces.map((spans) => spans[0]?.traceId);

describe('a trace store', () => {
  it('gives back what was written', async () => {
    const span = spanWith({
      traceId: traceIdOf(10),
      parentSpanId: spanIdOf(2),
      startNs: 1_700_000_000_123_456_789n,
      status: { code: 'error', message: 'no' },
      attributes: { text: 'ü📦', deep: { list: [1, null, { a: true }] } },
      events: [{ name: 'retried', timeNs: 1_700_000_000_123_456_790n, attributes: { n: 1 } }],
      links: [{ traceId: traceIdOf(3), spanId: spanIdOf(3), attributes: {} }],
      scope: { name: 'ebb', version: '1' },
      traceState: 'a=1',
    });
    await store.write([span]);
    expect(await store.trace(span.traceId)).toEqual([span]);
  });

  it('keeps a span once, however often and at once it is written', async () => {
    const spans = Array.from({ length: 300 }, (_, n) => spanWith({ traceId: traceIdOf(11), spanId: spanIdOf(n) }));
    await Promise.all([spans, [...spans].reverse(), [...spans, ...spans], spans].map((batch) => store.write(batch)));
    expect(await store.trace(traceIdOf(11))).toHaveLength(300);
  });

  it('takes more spans at once than one statement holds', async () => {
    const spans = Array.from({ length: 4_500 }, (_, n) => spanWith({ traceId: traceIdOf(12), spanId: spanIdOf(n) }));
    await store.write(spans);
    expect(await store.trace(traceIdOf(12))).toHaveLength(4_500);
  });

  it('takes text that PostgreSQL does not, and names of any length', async () => {
    const odd = 'a\0b\ud800c';
    const span = spanWith({
      traceId: traceIdOf(13),
      name: odd + 'n'.repeat(100_000),
      service: odd,
      status: { code: 'error', message: odd },
      attributes: { [odd]: [odd, { [odd]: odd }], plain: '\\u0000', 'cloudevents.event_id': odd.repeat(1_000) },
    });
    await store.write([span]);
    const [kept] = await store.trace(span.traceId);
    expect(kept?.attributes['a\ufffdb\ufffdc']).toEqual(['a\ufffdb\ufffdc', { 'a\ufffdb\ufffdc': 'a\ufffdb\ufffdc' }]);
    expect(kept?.attributes.plain).toBe('\\u0000');
    expect(kept?.name).toHaveLength(512);
    expect(await store.findByEvent(odd.repeat(1_000))).toEqual([span.traceId]);
  });

  it('finds the traces of an event, newest first', async () => {
    const handled = (n: number, ageNs: bigint, id: string) =>
      spanWith({ traceId: traceIdOf(n), startNs: now() - ageNs, attributes: { 'cloudevents.event_id': id } });
    await store.write([handled(20, 2n * SECOND, 'e-20'), handled(21, SECOND, 'e-20'), handled(22, 0n, 'e-22')]);
    expect(await store.findByEvent('e-20')).toEqual([traceIdOf(21), traceIdOf(20)]);
    expect(await store.findByEvent('unknown')).toEqual([]);
    expect(await store.findByEvent('\0')).toEqual([]);
  });

  it('knows services and their operations', async () => {
    await store.write([
      spanWith({ traceId: traceIdOf(30), service: 'svc', name: 'b', kind: 'client' }),
      spanWith({ traceId: traceIdOf(31), service: 'svc', name: 'a', kind: 'server' }),
    ]);
    expect(await store.services()).toEqual(expect.arrayContaining(['orders', 'svc']));
    expect(await store.operations('svc')).toEqual([
      { name: 'a', kind: 'server' },
      { name: 'b', kind: 'client' },
    ]);
    expect(await store.operations('nobody')).toEqual([]);
  });

  it('counts who calls whom', async () => {
    const startNs = 1_600_000_000n * SECOND;
    const link = (n: number, service: string, parentSpanId?: string) =>
      spanWith({
        traceId: traceIdOf(40),
        spanId: spanIdOf(n),
        service,
        startNs,
        ...(parentSpanId && { parentSpanId }),
      });
    await store.write([link(1, 'a'), link(2, 'a', spanIdOf(1)), link(3, 'b', spanIdOf(2)), link(4, 'b', spanIdOf(1))]);
    const range = { startMinNs: startNs, startMaxNs: startNs };
    expect(await store.dependencies(range)).toEqual([{ parent: 'a', child: 'b', callCount: 2 }]);
  });

  it('takes the spans of this process through an exporter', async () => {
    const exporter = spanExporterOf(store, 'runtime');
    const spans = sdkSpans();
    exporter.export(spans, () => undefined);
    await exporter.forceFlush?.();
    const kept = await store.trace(spans[0]?.spanContext().traceId ?? '');
    const parent = kept.find(({ kind }) => kind === 'server');
    expect(kept.find(({ kind }) => kind === 'consumer')).toMatchObject({
      service: 'runtime',
      parentSpanId: parent?.spanId,
      status: { code: 'error', message: 'no stock' },
      attributes: { whole: 42, texts: ['a', 'b'] },
      events: [{ name: 'retried' }],
      links: [{ traceId: traceIdOf(9) }],
      resource: { 'service.name': 'runtime', 'service.version': '1.2.3' },
    });
  });
});

describe('searching', () => {
  const base = 1_650_000_000n * SECOND;
  const span = (n: number, fields: Partial<StoredSpan>) =>
    spanWith({
      traceId: traceIdOf(n),
      spanId: spanIdOf(n),
      service: 'search',
      startNs: base + BigInt(n) * SECOND,
      ...fields,
    });

  beforeAll(async () => {
    await store.write([
      span(100, { name: 'one', attributes: { code: 200, ok: true, shop: 'x' } }),
      span(101, { name: 'two', kind: 'consumer', attributes: { code: 404 }, endNs: base + 111n * SECOND }),
      span(102, { name: 'two', status: { code: 'error' }, resource: { zone: 'eu' } }),
      span(103, { traceId: traceIdOf(102), name: 'part of 102', service: 'other' }),
    ]);
  });

  it.each<[string, Parameters<TraceStore['search']>[0], number[]]>([
    ['a service, newest first', { service: 'search' }, [102, 101, 100]],
    ['an operation', { service: 'search', operation: 'two' }, [102, 101]],
    ['a kind', { service: 'search', kind: 'consumer' }, [101]],
    ['a limit', { service: 'search', limit: 2 }, [102, 101]],
    ['a time', { service: 'search', startMinNs: base + 101n * SECOND, startMaxNs: base + 101n * SECOND }, [101]],
    ['a least duration', { service: 'search', durationMinNs: SECOND }, [101]],
    ['a greatest duration', { service: 'search', durationMaxNs: SECOND }, [102, 100]],
    ['a number', { service: 'search', tags: { code: '200' } }, [100]],
    ['several tags at once', { service: 'search', tags: { code: '200', ok: 'true', shop: 'y' } }, []],
    ['a tag of the process', { service: 'search', tags: { zone: 'eu' } }, [102]],
    ['failure', { service: 'search', tags: { error: 'true' } }, [102]],
    ['a kind given as a tag', { service: 'search', tags: { 'span.kind': 'consumer' } }, [101]],
    ['text that tries to be SQL', { service: `' or '1'='1` }, []],
  ])('finds by %s', async (_name, given, expected) => {
    expect(ids(await store.search(given))).toEqual(expected.map(traceIdOf));
  });

  it('gives traces whole, with the spans of other services', async () => {
    const [found] = await store.search({ service: 'search', operation: 'two', limit: 1 });
    expect(found?.map(({ name }) => name)).toEqual(['two', 'part of 102']);
  });
});

describe('retention', () => {
  it('removes traces that ended before it, as a whole, and forgets their operations', async () => {
    const own = await testDatabase();
    const aged = await openTraceStore({ url: own.url, retentionMs: 60_000 });
    const at = (trace: number, n: number, ageSeconds: bigint) =>
      spanWith({
        traceId: traceIdOf(trace),
        spanId: spanIdOf(n),
        name: `op ${trace}`,
        startNs: now() - ageSeconds * SECOND,
      });
    await aged.write([at(1, 1, 100n), at(1, 2, 90n), at(2, 1, 100n), at(2, 2, 10n)]);
    expect(await aged.trim()).toBe(2);
    expect(await aged.trace(traceIdOf(1))).toEqual([]);
    expect(await aged.trace(traceIdOf(2))).toHaveLength(2);
    expect(await aged.operations('orders')).toEqual([{ name: 'op 2', kind: 'server' }]);
    await aged.close();
    await own.drop();
  });

  it('removes the oldest traces past the count, and the beginning of one that never ends', async () => {
    const own = await testDatabase();
    const bounded = await openTraceStore({ url: own.url, maxSpans: 10 });
    const start = now();
    const at = (trace: number, n: number) =>
      spanWith({ traceId: traceIdOf(trace), spanId: spanIdOf(n), startNs: start + BigInt(n) * MS });
    await bounded.write(Array.from({ length: 16 }, (_, n) => at(n, n)));
    expect(await bounded.trim()).toBe(6);
    expect(await bounded.trim()).toBe(0);
    await bounded.write(Array.from({ length: 50 }, (_, n) => at(99, 100 + n)));
    await bounded.trim();
    expect(await bounded.trace(traceIdOf(15))).toEqual([]);
    expect((await bounded.trace(traceIdOf(99))).length).toBe(11);
    await bounded.close();
    await own.drop();
  });
});

describe('opening', () => {
  it('works for many at once on an empty database, and again later', async () => {
    const own = await testDatabase();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openTraceStore({ url: own.url })));
    await opened[0]?.write([spanWith()]);
    const again = await openTraceStore({ url: own.url });
    expect(await again.trace(traceIdOf(1))).toHaveLength(1);
    await Promise.all([...opened, again].map((one) => one.close()));
    await own.drop();
  });

  it('fails when the database cannot be reached', async () => {
    await expect(openTraceStore({ url: 'postgres://127.0.0.1:1/none' })).rejects.toThrow('ECONNREFUSED');
  });

  it('survives that the server ends its connections', async () => {
    await query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ebb traces' and datname = current_database()`,
    );
    const deadline = Date.now() + 5_000;
    let services: readonly string[] | undefined;
    while (!services && Date.now() < deadline) services = await store.services().catch(() => undefined);
    expect(services).toContain('orders');
  });
});
