import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spanIdOf, spanWith } from '../spans.fixture.ts';
import { traceTree, type TraceNode } from './tree.ts';

const span = (n: number, parent?: number, startNs = BigInt(n)) =>
  spanWith({
    spanId: spanIdOf(n),
    startNs,
    name: `span ${n}`,
    ...(parent !== undefined && { parentSpanId: spanIdOf(parent) }),
  });

const shape = (nodes: readonly TraceNode[]): unknown[] =>
  nodes.map(({ span: { name }, children, orphan }) => [`${name}${orphan ? '?' : ''}`, ...shape(children)]);

const all = (nodes: readonly TraceNode[]): TraceNode[] => nodes.flatMap((node) => [node, ...all(node.children)]);

describe('traceTree', () => {
  it('puts children under their parents, by start', () => {
    expect(shape(traceTree([span(4, 1), span(3, 2), span(2, 1), span(1)]))).toEqual([
      ['span 1', ['span 2', ['span 3']], ['span 4']],
    ]);
  });

  it('marks a span whose parent is missing', () => {
    expect(shape(traceTree([span(1), span(2, 7), span(3, 2)]))).toEqual([['span 1'], ['span 2?', ['span 3']]]);
  });

  it('cuts a cycle at its first span', () => {
    expect(shape(traceTree([span(1, 3), span(2, 1), span(3, 2)]))).toEqual([['span 1?', ['span 2', ['span 3']]]]);
    expect(shape(traceTree([span(1, 1)]))).toEqual([['span 1?']]);
  });

  it('is empty for no spans', () => {
    expect(traceTree([])).toEqual([]);
  });

  it('takes a trace that is very deep', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => span(n, n === 0 ? undefined : n - 1));
    expect(traceTree(chain)).toHaveLength(1);
  });

  it('holds every span exactly once, whatever the parents are', () => {
    const parents = fc.array(fc.option(fc.nat(12), { nil: undefined }), { maxLength: 10 });
    fc.assert(
      fc.property(parents, (given) => {
        const spans = given.map((parent, n) => span(n, parent));
        const names = all(traceTree(spans)).map((node) => node.span.name);
        expect(names.sort()).toEqual(spans.map(({ name }) => name).sort());
      }),
    );
  });
});
