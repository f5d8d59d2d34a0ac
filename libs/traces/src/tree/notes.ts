import { humanDuration } from '@ebb/core';
import type { StoredSpan } from '../span.ts';
import { printable, type Style } from './text.ts';
import type { TraceNode } from './tree.ts';

/** How long the process took from its start to ready, of an `activate …` span. */
export function coldStartMs({ attributes }: StoredSpan): number | undefined {
  return millisecondsOf(attributes['ebb.cold_start_ms']);
}

/** How long the request waited for a free place, of an `activate …` span. */
export function queueMs({ attributes }: StoredSpan): number | undefined {
  return millisecondsOf(attributes['ebb.queue_ms']);
}

interface Note {
  readonly text: string;
  readonly color: keyof Style;
}

/** What is worth saying of a hop beside its time, in at most `room` columns. */
export function notesOf(node: TraceNode, style: Style, room: number): string {
  const parts: string[] = [];
  let left = room;
  for (const { text, color } of allNotes(node)) {
    const separator = parts.length === 0 ? 0 : 3;
    if (left <= separator + 1) break;
    const shown = text.length <= left - separator ? text : `${text.slice(0, left - separator - 1)}…`;
    parts.push(style[color](shown));
    left -= shown.length + separator;
  }
  return parts.join(style.dim(' · '));
}

function allNotes({ span, orphan }: TraceNode): Note[] {
  const { attributes, status, links, traceId } = span;
  const cold = coldStartMs(span);
  const queued = queueMs(span);
  const outcome = attributes['ebb.outcome'];
  const attempt = attributes['ebb.attempt'];
  const linked = links.some((link) => link.traceId !== traceId);
  return [
    status.code === 'error' && note(`✗ ${printable(status.message ?? 'error')}`, 'red'),
    orphan && note('? parent missing', 'red'),
    cold !== undefined && note(`cold start ${humanDuration(cold)}`, 'magenta'),
    queued !== undefined && note(`queue ${humanDuration(queued)}`, 'yellow'),
    typeof outcome === 'string' && outcome !== 'done' && note(printable(outcome), 'yellow'),
    typeof attempt === 'number' && attempt > 1 && note(`attempt ${attempt}`, 'yellow'),
    linked && note('linked to another trace', 'dim'),
  ].filter((one) => one !== false);
}

function note(text: string, color: keyof Style): Note {
  return { text, color };
}

function millisecondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
