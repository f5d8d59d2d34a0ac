import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { StoredSpan } from '../span.ts';
import { spanIdOf, spanWith } from '../spans.fixture.ts';
import { renderTree } from './render.ts';
import { traceTree } from './tree.ts';

const MS = 1_000_000n;

function hop(n: number, parent: number | undefined, at: [startMs: bigint, endMs: bigint], fields: Partial<StoredSpan>) {
  return spanWith({
    spanId: spanIdOf(n),
    ...(parent !== undefined && { parentSpanId: spanIdOf(parent) }),
    startNs: at[0] * MS,
    endNs: at[1] * MS,
    ...fields,
  });
}

const order = [
  hop(1, undefined, [0n, 12n], { name: 'POST /orders', service: 'orders' }),
  hop(2, 1, [2n, 4n], { name: 'INSERT orders', service: 'orders', kind: 'client' }),
  hop(3, 1, [5n, 5n], { name: 'emit dev.ebb.orders.order.placed.v1', service: 'orders', kind: 'producer' }),
  hop(4, 3, [20n, 30n], { name: 'publish orders', service: 'relay', kind: 'producer' }),
  hop(5, 4, [40n, 120n], {
    name: 'deliver inventory-reserve-stock',
    service: 'ebb',
    kind: 'client',
    attributes: { 'ebb.attempt': 2 },
  }),
  hop(6, 5, [41n, 101n], {
    name: 'activate inventory',
    service: 'ebb',
    attributes: { 'ebb.cold_start_ms': 45, 'ebb.queue_ms': 15 },
  }),
  hop(7, 5, [102n, 118n], {
    name: 'process reserve-stock',
    service: 'inventory',
    kind: 'consumer',
    status: { code: 'error', message: 'no stock left' },
    attributes: { 'ebb.outcome': 'parked' },
  }),
  hop(8, 99, [110n, 111n], { name: 'lost', service: 'inventory' }),
];

const lines = (text: string) => text.trimEnd().split('\n');

describe('renderTree', () => {
  it('draws one line per hop, under its parent', () => {
    const text = lines(renderTree(traceTree(order), { width: 120 }));
    expect(text).toHaveLength(order.length);
    expect(text.map((line) => line.slice(0, 12))).toEqual([
      'POST /orders',
      '├─ INSERT or',
      '└─ emit dev.',
      '   └─ publis',
      '      └─ del',
      '         ├─ ',
      '         └─ ',
      'lost        ',
    ]);
  });

  it('tells cold start and queue wait apart, in words and in the bar', () => {
    const line = lines(renderTree(traceTree(order), { width: 140 })).find((one) => one.includes('activate'));
    expect(line).toContain('cold start 45 ms · queue 15 ms');
    expect(line).toMatch(/▓+░+/);
  });

  it('marks errors, outcomes, retries and missing parents', () => {
    const text = renderTree(traceTree(order), { width: 140 });
    expect(text).toContain('✗ no stock left · parked');
    expect(text).toContain('attempt 2');
    expect(text).toContain('? parent missing');
  });

  it('keeps to its width', () => {
    for (const width of [60, 80, 100, 200]) {
      for (const line of lines(renderTree(traceTree(order), { width }))) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('is the same text with colours as without', () => {
    const colored = renderTree(traceTree(order), { color: true });
    expect(colored).not.toBe(renderTree(traceTree(order)));
    expect(stripVTControlCharacters(colored)).toBe(renderTree(traceTree(order)));
  });

  it('lets no text from outside steer the terminal', () => {
    const evil = spanWith({
      name: 'a\u001b[2Jb\nc',
      service: '\u202esvc',
      status: { code: 'error', message: '\r\u0007x' },
    });
    const text = renderTree(traceTree([evil]));
    expect(lines(text)).toHaveLength(1);
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('draws a trace that is very deep, and none at all', () => {
    const chain = Array.from({ length: 5_000 }, (_, n) => hop(n, n === 0 ? undefined : n - 1, [BigInt(n), 5_000n], {}));
    expect(lines(renderTree(traceTree(chain)))).toHaveLength(5_000);
    expect(renderTree([])).toBe('');
  });
});
