import { humanDuration } from '@ebb/core';
import type { StoredSpan } from '../span.ts';
import { barOf, type Window } from './bar.ts';
import { notesOf } from './notes.ts';
import { paint, printable, type Style } from './text.ts';
import type { TraceNode } from './tree.ts';

export interface RenderOptions {
  /** With ANSI colours. Default false. */
  readonly color?: boolean;
  /** Columns that a line may take. Default 100. */
  readonly width?: number;
}

interface Row {
  readonly node: TraceNode;
  /** The lines of the tree before the name. */
  readonly branch: string;
}

interface Layout {
  readonly labelWidth: number;
  readonly serviceWidth: number;
  readonly barWidth: number;
  readonly notesWidth: number;
  readonly window: Window;
  readonly style: Style;
}

const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 60;
const DURATION_WIDTH = 8;
const MIN_BAR = 8;
const MAX_BAR = 24;
const MIN_LABEL = 16;
const MAX_NOTES = 48;
/** Two columns between each of a line's five parts. */
const GAPS = 8;

/**
 * A trace as text, one hop a line: name (indented under its parent), service, duration, when it ran within the whole, and
 * what is worth a note: a cold start and the wait in the queue apart, errors, retries, a missing parent.
 */
export function renderTree(tree: readonly TraceNode[], options: RenderOptions = {}): string {
  const rows = rowsOf(tree);
  if (rows.length === 0) return '';
  const layout = layoutOf(rows, options);
  return `${rows.map((row) => line(row, layout)).join('\n')}\n`;
}

/** Depth first, with a list of its own instead of recursion: a trace may be thousands of spans deep. */
function rowsOf(tree: readonly TraceNode[]): Row[] {
  interface Open {
    readonly node: TraceNode;
    readonly indent: string;
    readonly last: boolean;
    readonly root: boolean;
  }
  const rows: Row[] = [];
  const open: Open[] = [];
  const push = (nodes: readonly TraceNode[], indent: string, root: boolean): void => {
    for (const [index, node] of [...nodes].reverse().entries()) open.push({ node, indent, last: index === 0, root });
  };
  push(tree, '', true);
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, indent, last, root } = next;
    rows.push({ node, branch: root ? '' : `${indent}${last ? '└─ ' : '├─ '}` });
    push(node.children, root ? '' : `${indent}${last ? '   ' : '│  '}`, false);
  }
  return rows;
}

/** Notes come before bars, and bars before long names, when the columns do not suffice for all. */
function layoutOf(rows: readonly Row[], { color = false, width = DEFAULT_WIDTH }: RenderOptions): Layout {
  const columns = Math.max(width, MIN_WIDTH);
  const longest = (lengths: readonly number[]): number => lengths.reduce((a, b) => Math.max(a, b), 0);
  const plain = paint(false);
  const notes = Math.min(longest(rows.map(({ node }) => notesOf(node, plain, columns).length)), MAX_NOTES);
  const names = longest(rows.map(({ node, branch }) => branch.length + printable(node.span.name).length));
  const serviceWidth = Math.min(longest(rows.map(({ node }) => printable(node.span.service).length)), 16);
  const left = columns - serviceWidth - DURATION_WIDTH - GAPS;
  const labelWidth = Math.min(names, Math.max(left - notes - MIN_BAR, MIN_LABEL));
  const barWidth = Math.max(MIN_BAR, Math.min(MAX_BAR, left - labelWidth - notes));
  return {
    labelWidth,
    serviceWidth,
    barWidth,
    notesWidth: Math.max(left - labelWidth - barWidth, 0),
    window: windowOf(rows.map(({ node }) => node.span)),
    style: paint(color),
  };
}

function windowOf(spans: readonly StoredSpan[]): Window {
  const first = spans.reduce((at, { startNs }) => (startNs < at ? startNs : at), spans[0]?.startNs ?? 0n);
  const last = spans.reduce((at, { endNs }) => (endNs > at ? endNs : at), first);
  return { startNs: first, lengthNs: last - first };
}

function line({ node, branch }: Row, layout: Layout): string {
  const { labelWidth, serviceWidth, barWidth, notesWidth, window, style } = layout;
  const { span } = node;
  const failed = span.status.code === 'error';
  const name = fit(printable(span.name), Math.max(labelWidth - branch.length, 1));
  const padding = ' '.repeat(Math.max(labelWidth - branch.length - name.length, 0));
  const service = fit(printable(span.service), serviceWidth).padEnd(serviceWidth);
  const duration = humanDuration(Math.max(0, Number(span.endNs - span.startNs) / 1e6)).padStart(DURATION_WIDTH);
  const notes = notesOf(node, style, notesWidth);
  const label = `${style.dim(fit(branch, labelWidth - 1))}${failed ? style.red(name) : style.bold(name)}${padding}`;
  return `${label}  ${style.cyan(service)}  ${duration}  ${barOf(span, window, barWidth, style)}  ${notes}`.trimEnd();
}

function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}
