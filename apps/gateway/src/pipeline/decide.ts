import type { Exchange, Policy, Verdict } from './exchange.ts';

/** Asks one policy after the other until one has something to say. Without a promise where none of them needs one. */
export function decide(policies: readonly Policy[], exchange: Exchange, from = 0): Verdict | Promise<Verdict> {
  for (let at = from; at < policies.length; at += 1) {
    const verdict = policies[at]?.(exchange);
    if (verdict instanceof Promise) return goOn(verdict, policies, exchange, at + 1);
    if (verdict) return verdict;
  }
  return undefined;
}

async function goOn(pending: Promise<Verdict>, policies: readonly Policy[], exchange: Exchange, from: number) {
  return (await pending) ?? decide(policies, exchange, from);
}
