import type { Exchange, Policy, Verdict } from '../pipeline/exchange.ts';
import { refusal } from '../pipeline/refusal.ts';
import { NO_ROUTE, type GatewayRoute } from '../routing/gateway-route.ts';
import { CorsRule, type CorsDefaults } from './cors-rule.ts';

const PREFLIGHT_METHOD = 'access-control-request-method';
const PREFLIGHT_HEADERS = 'access-control-request-headers';

/**
 * CORS (Fetch, 3.3): answers preflights for routes that there are, and tells browsers which scripts may read the other answers, refusals among them.
 * It keeps pages apart, not clients: what somebody may do is for their token to say.
 */
export function corsPolicy(defaults: CorsDefaults): Policy {
  const rules = new WeakMap<GatewayRoute, CorsRule>();
  const allowedHeaders = new Set(defaults.requestHeaders.map((name) => name.toLowerCase()));
  const ruleOf = (route: GatewayRoute): CorsRule => {
    const rule = rules.get(route) ?? new CorsRule(route.cors ?? defaults);
    rules.set(route, rule);
    return rule;
  };
  return (exchange) => {
    const rule = ruleOf(exchange.route);
    const { origin } = exchange.headers;
    // Also without an origin: whoever caches the answer must not give it to one.
    if (rule.dependsOnOrigin) exchange.addHeader('vary', 'Origin');
    if (origin === undefined) return undefined;
    const allowed = rule.allowedOrigin(origin);
    const isPreflight = exchange.method === 'OPTIONS' && exchange.headers[PREFLIGHT_METHOD] !== undefined;
    if (isPreflight && exchange.route !== NO_ROUTE) return answerPreflight(exchange, rule, allowed, allowedHeaders);
    if (allowed !== undefined) {
      allowOrigin(exchange, rule, allowed);
      exchange.addHeader('access-control-expose-headers', rule.exposed);
    }
    return undefined;
  };
}

function answerPreflight(
  exchange: Exchange,
  rule: CorsRule,
  allowed: string | undefined,
  allowedHeaders: ReadonlySet<string>,
): Verdict {
  exchange.addHeader('vary', 'Access-Control-Request-Method, Access-Control-Request-Headers');
  if (allowed === undefined) return refusal('cors', 403, 'this origin may not use this route: see CORS_ORIGINS');
  const asked = namesIn(exchange.headers[PREFLIGHT_HEADERS]);
  const unknown = asked.filter((name) => !allowedHeaders.has(name));
  allowOrigin(exchange, rule, allowed);
  if (unknown.length > 0) {
    return refusal('cors', 403, `scripts may not send ${unknown.length} of the headers here: see CORS_HEADERS`);
  }
  // The route was found by this method.
  exchange.addHeader('access-control-allow-methods', exchange.headers[PREFLIGHT_METHOD] ?? '');
  if (asked.length > 0) exchange.addHeader('access-control-allow-headers', asked.join(', '));
  exchange.addHeader('access-control-max-age', rule.maxAgeS);
  return { kind: 'answer', status: 204, headers: {} };
}

function allowOrigin(exchange: Exchange, { credentials }: CorsRule, allowed: string): void {
  exchange.addHeader('access-control-allow-origin', allowed);
  if (credentials) exchange.addHeader('access-control-allow-credentials', 'true');
}

function namesIn(header: string | string[] | undefined): readonly string[] {
  return [header ?? '']
    .flat()
    .join(',')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
