import { humanDuration } from '@ebb/core';
import type { CircuitReport } from '@ebb/local/client';
import { printable } from '../output.ts';

export const CIRCUIT_HEAD = ['CIRCUIT', 'SERVICE', 'STATE', 'FAILURES', 'LAST FAILURE'];

const FAILURE_WIDTH = 80;

/** One line of `ebb status` about a dependency outside that is left alone. */
export function circuitRow(circuit: CircuitReport, nowMs: number): string[] {
  const { name, service, failures, lastFailure } = circuit;
  const failure = lastFailure && `${humanDuration(ageMs(lastFailure.at, nowMs))} ago: ${lastFailure.message}`;
  const shown = failure && failure.length > FAILURE_WIDTH ? `${failure.slice(0, FAILURE_WIDTH - 1)}…` : failure;
  return [printable(name), service, standing(circuit, nowMs), String(failures), oneLine(shown ?? '-')];
}

function standing({ state, until }: CircuitReport, nowMs: number): string {
  if (state === 'closed') return 'closed';
  if (state === 'half-open') return 'half-open: one caller tries';
  const leftMs = until === undefined ? 0 : Date.parse(until) - nowMs;
  return leftMs > 0 ? `open for ${humanDuration(leftMs)}` : 'open: the next caller tries';
}

const ageMs = (at: string, nowMs: number): number => Math.max(0, nowMs - Date.parse(at));

const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, ' '));
