import type { StoredSpan } from '../span.ts';

export interface TraceNode {
  readonly span: StoredSpan;
  /** By start. */
  readonly children: readonly TraceNode[];
  /** The span names a parent that is not among the spans. */
  readonly orphan: boolean;
}

interface OpenNode {
  readonly span: StoredSpan;
  readonly children: OpenNode[];
  readonly parent: string | undefined;
  orphan: boolean;
}

/**
 * The spans of a trace as trees, by start. Each span is in them exactly once, whatever the spans claim: one whose parent is
 * missing is a root and marked, and so is the first of spans that are each other's ancestors.
 */
export function traceTree(spans: readonly StoredSpan[]): readonly TraceNode[] {
  const nodes = new Map<string, OpenNode>();
  for (const span of spans) {
    const { traceId, spanId, parentSpanId } = span;
    const parent = parentSpanId === undefined ? undefined : `${traceId}/${parentSpanId}`;
    nodes.set(`${traceId}/${spanId}`, { span, children: [], parent, orphan: false });
  }
  const sorted = [...nodes.values()].sort((a, b) => compare(a.span, b.span));
  const roots = sorted.filter((node) => !attach(node, nodes));
  return [...roots, ...cycles(sorted, roots, nodes)].sort((a, b) => compare(a.span, b.span));
}

/** Makes a node its parent's child; false when it is a root. Called by start, so that children are in that order. */
function attach(node: OpenNode, nodes: ReadonlyMap<string, OpenNode>): boolean {
  if (node.parent === undefined) return false;
  const parent = nodes.get(node.parent);
  node.orphan = !parent;
  parent?.children.push(node);
  return parent !== undefined;
}

/** Roots for the nodes that no root leads to: the first of each cycle, cut off from its parent. */
function cycles(
  sorted: readonly OpenNode[],
  roots: readonly OpenNode[],
  nodes: ReadonlyMap<string, OpenNode>,
): OpenNode[] {
  const seen = new Set<OpenNode>();
  roots.forEach((root) => markReachable(root, seen));
  const cut = sorted.filter((node) => {
    if (seen.has(node)) return false;
    markReachable(node, seen);
    return true;
  });
  for (const node of cut) {
    node.orphan = true;
    const siblings = nodes.get(node.parent ?? '')?.children ?? [];
    siblings.splice(siblings.indexOf(node), 1);
  }
  return cut;
}

/** With a list of its own instead of recursion: a trace may be thousands of spans deep. */
function markReachable(from: OpenNode, seen: Set<OpenNode>): void {
  const open = [from];
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...node.children);
  }
}

/** Starts are known to the millisecond only: of two that are the same, the one that ended first was first. */
function compare(a: StoredSpan, b: StoredSpan): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  if (a.endNs !== b.endNs) return a.endNs < b.endNs ? -1 : 1;
  return a.spanId < b.spanId ? -1 : 1;
}
