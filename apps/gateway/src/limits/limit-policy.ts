import type { Exchange, Policy, Verdict } from '../pipeline/exchange.ts';
import { refusal, type Refusal } from '../pipeline/refusal.ts';
import type { GatewayRoute, RouteLimit } from '../routing/gateway-route.ts';
import { clientKey } from './client-key.ts';
import { isExceeded, limitField, policyField, QUOTA_EXCEEDED, secondsUntil, type Measured } from './limit-fields.ts';
import { rulesOf, type DefaultLimits, type LimitRule } from './limit-rule.ts';
import type { LimitStore, Standing } from './limit-store.ts';

/** Both limit policies; answers tell of all limits that a request counted against. */
export function limitPolicies(
  store: LimitStore,
  defaults: DefaultLimits,
): { readonly clientLimit: Policy; readonly userLimit: Policy } {
  const measuredOf = new WeakMap<Exchange, readonly Measured[]>();
  const policyFor = (per: RouteLimit['per']): Policy => {
    const known = new WeakMap<GatewayRoute, readonly LimitRule[]>();
    const judge = (exchange: Exchange, rules: readonly LimitRule[], standings: readonly Standing[]): Verdict => {
      const measured = [...(measuredOf.get(exchange) ?? []), ...measure(rules, standings)];
      measuredOf.set(exchange, measured);
      exchange.addHeader('ratelimit-policy', policyField(measured));
      exchange.addHeader('ratelimit', limitField(measured));
      return refusalOf(measured.filter(isExceeded), per);
    };
    return (exchange) => {
      const rules = known.get(exchange.route) ?? rulesOf(exchange.route, per, defaults);
      known.set(exchange.route, rules);
      if (rules.length === 0) return undefined;
      const who = per === 'user' ? userKey(exchange) : clientKey(exchange.client.address);
      const standings = store.take(rules.map((rule) => ({ ...rule, key: `${rule.scope} ${who}` })));
      return standings instanceof Promise
        ? standings.then((counted) => judge(exchange, rules, counted))
        : judge(exchange, rules, standings);
    };
  };
  return { clientLimit: policyFor('client'), userLimit: policyFor('user') };
}

/** Who has not signed in counts by address: nobody gets out of a limit by leaving the token away. */
function userKey({ caller, client }: Exchange): string {
  return caller ? `${caller.issuer} ${caller.subject}` : clientKey(client.address);
}

function measure(rules: readonly LimitRule[], standings: readonly Standing[]): Measured[] {
  return rules.flatMap((rule, index) => {
    const standing = standings[index];
    return standing ? [{ rule, standing }] : [];
  });
}

function refusalOf(exceeded: readonly Measured[], per: RouteLimit['per']): Refusal | undefined {
  if (exceeded.length === 0) return undefined;
  const seconds = Math.max(...exceeded.map(({ standing }) => secondsUntil(standing)));
  return refusal(`${per}-limit`, 429, `too many requests: try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
    extensions: { type: QUOTA_EXCEEDED, 'violated-policies': exceeded.map(({ rule }) => rule.name) },
  });
}
