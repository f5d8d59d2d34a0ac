import type { TraceNode } from './tree.ts';

export interface RenderOptions {
  readonly color?: boolean;
  /** Columns. */
  readonly width?: number;
}

export declare function renderTree(tree: readonly TraceNode[], options?: RenderOptions): string;
