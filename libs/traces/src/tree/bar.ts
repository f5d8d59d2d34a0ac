import type { StoredSpan } from '../span.ts';
import { coldStartMs, queueMs } from './notes.ts';
import type { Style } from './text.ts';

/** From the first start to the last end of a trace. */
export interface Window {
  readonly startNs: bigint;
  readonly lengthNs: bigint;
}

/** When a span ran within its trace: `  ███   `; a cold start is drawn as ▓, the wait in the queue as ░. */
export function barOf(span: StoredSpan, window: Window, width: number, style: Style): string {
  const columns = (ns: bigint): number => (window.lengthNs === 0n ? 0 : (Number(ns) / Number(window.lengthNs)) * width);
  const start = Math.min(Math.floor(columns(span.startNs - window.startNs)), width - 1);
  // A span that is too short for a column still shows where it was.
  const length = clamp(Math.round(columns(span.endNs - span.startNs)), 1, width - start);
  return `${' '.repeat(start)}${drawn(span, length, style)}${' '.repeat(width - start - length)}`;
}

function drawn(span: StoredSpan, length: number, style: Style): string {
  const cold = coldStartMs(span) ?? 0;
  const queued = queueMs(span) ?? 0;
  const whole = Number(span.endNs - span.startNs) / 1e6;
  if ((cold <= 0 && queued <= 0) || whole <= 0) {
    return span.status.code === 'error' ? style.red('█'.repeat(length)) : '█'.repeat(length);
  }
  const coldColumns = cold > 0 ? clamp(Math.round((cold / whole) * length), 1, length) : 0;
  const queueColumns = queued > 0 ? clamp(Math.round((queued / whole) * length), 0, length - coldColumns) : 0;
  const rest = length - coldColumns - queueColumns;
  return `${style.magenta('▓'.repeat(coldColumns))}${style.yellow('░'.repeat(queueColumns))}${'█'.repeat(rest)}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
