import type { AnswerHead, AnswerHeaders } from '../pipeline/answer.ts';
import type { RouteCache } from '../routing/gateway-route.ts';
import { directivesOf, secondsOf } from './cache-control.ts';

/** The gateway sees to these itself: what a service says of them does not make its answers differ. */
const SEEN_TO: ReadonlySet<string> = new Set(['origin', 'accept-encoding']);
const NEVER: readonly string[] = ['no-store', 'no-cache'];

/**
 * For how many milliseconds an answer may be given to others; 0 for not at all. The route says how long at most; the answer itself may say
 * less, or that it is for nobody else.
 * @param isForAll whether everybody gets it, or one user alone
 */
export function lifetimeMs(head: AnswerHead, cache: RouteCache, isForAll: boolean, nowMs: number): number {
  const { status, headers } = head;
  if (status !== 200 || headers['set-cookie'] !== undefined || headers['content-range'] !== undefined) return 0;
  if (!variesOnlyBy(cache.vary, textOf(headers.vary))) return 0;
  const directives = directivesOf(textOf(headers['cache-control']));
  const refusing = isForAll ? [...NEVER, 'private'] : NEVER;
  if (refusing.some((directive) => directives.has(directive))) return 0;
  const given = (isForAll ? directives.get('s-maxage') : undefined) ?? directives.get('max-age');
  if (given === undefined) return Math.max(0, Math.min(cache.maxAgeMs, untilExpiryMs(headers, nowMs)));
  return Math.max(0, Math.min(cache.maxAgeMs, (secondsOf(given) - ageOf(headers)) * 1_000));
}

/** How old the answer already was when it came, in seconds. */
export function ageOf(headers: AnswerHeaders): number {
  return secondsOf(textOf(headers.age) ?? '');
}

export function textOf(value: AnswerHeaders[string]): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value?.toString();
}

function untilExpiryMs({ expires }: AnswerHeaders, nowMs: number): number {
  if (expires === undefined) return Infinity;
  const atMs = Date.parse(textOf(expires) ?? '');
  return Number.isNaN(atMs) ? 0 : atMs - nowMs;
}

function variesOnlyBy(allowed: readonly string[], vary: string | undefined): boolean {
  const names = (vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.every((name) => name === '' || SEEN_TO.has(name) || allowed.includes(name));
}
