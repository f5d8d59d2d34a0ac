const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const WHOLE = /^(?:0|(?:\d+(?:\.\d+)?(?:ms|s|m|h))+)$/;

/** Milliseconds of a duration as Go writes it (60s, 1m30s, 1.5h, 0); undefined when it is none. Units below 1 ms are not used here. */
export function goDurationMs(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return Math.round(parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0));
}
