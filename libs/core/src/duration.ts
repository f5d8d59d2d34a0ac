import { EbbError } from './errors.ts';

/** A span of time as written in a definition: '250ms', '10s', '5m', '2h', '1d', or ISO 8601 such as 'PT0.2S'. */
export type DurationString = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | `P${string}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const ISO = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Milliseconds of a duration.
 * Years, months and weeks are refused: Knative uses none of them, and their length depends on the calendar.
 * @throws EbbError EBB_DEFINITION when the text is no duration
 */
export function durationMs(text: string): number {
  const short = SHORT.exec(text);
  if (short) return Math.round(Number(short[1]) * UNIT_MS[short[2] as keyof typeof UNIT_MS]);
  const iso = ISO.exec(text);
  const parts: readonly (string | undefined)[] = iso?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) {
    throw new EbbError('EBB_DEFINITION', `"${text}" is no duration: write it like 250ms, 10s, 5m, 2h, 1d or PT10S`);
  }
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0));
  return Math.round(
    (days ?? 0) * UNIT_MS.d + (hours ?? 0) * UNIT_MS.h + (minutes ?? 0) * UNIT_MS.m + (seconds ?? 0) * UNIT_MS.s,
  );
}

/** The ISO 8601 form of milliseconds, as Knative's `delivery` wants it: 200 → 'PT0.2S'. */
export function isoDuration(ms: number): string {
  return `PT${ms / 1_000}S`;
}

/** The shortest form that a definition or a setting takes: 86,400,000 → '1d', 1,500 → '1500ms'. */
export function shortDuration(ms: number): DurationString {
  const [unit] = (['d', 'h', 'm', 's'] as const).filter((each) => ms > 0 && ms % UNIT_MS[each] === 0);
  return unit ? `${ms / UNIT_MS[unit]}${unit}` : `${ms}ms`;
}

/** A duration for people: 0.4 ms, 57 ms, 1.24 s, 2 m 5 s. */
export function humanDuration(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(2))} s`;
  return `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1_000)} s`;
}
