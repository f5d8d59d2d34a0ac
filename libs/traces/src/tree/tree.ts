import type { StoredSpan } from '../span.ts';

export interface TraceNode {
  readonly span: StoredSpan;
  /** By start. */
  readonly children: readonly TraceNode[];
  /** The span names a parent that is not among the spans. */
  readonly orphan: boolean;
}

export declare function traceTree(spans: readonly StoredSpan[]): readonly TraceNode[];
