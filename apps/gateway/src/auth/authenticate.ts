import type { Exchange, Policy, Verdict } from '../pipeline/exchange.ts';
import { refusal, type Refusal } from '../pipeline/refusal.ts';
import { KeysAwayError, TokenRefusedError } from './token-problem.ts';
import type { Verifier } from './verifier.ts';

const BEARER = /^bearer +([^\s,]+) *$/i;
const RETRY_AFTER_S = '5';

/**
 * Finds out who calls. A token that is ours stays here: services learn who it spoke of, and never see it.
 * On a route that anyone may use, what is no token of ours goes on to the service as it came, and one that has run out or that cannot be
 * looked at now counts as none: whoever wants to sign in again may still hold the old one.
 */
export function authenticatePolicy(verifier: Verifier): Policy {
  return (exchange) => {
    const { authorization } = exchange.headers;
    if (authorization === undefined) return undefined;
    const token = BEARER.exec(authorization)?.[1];
    const isOpen = exchange.route.access === 'anyone';
    if (isOpen && (token === undefined || !isOurs(verifier, token))) return undefined;
    exchange.forward('authorization', undefined);
    if (token === undefined) return unauthenticated('send a bearer token');
    exchange.caller = verifier.recall(token);
    return exchange.caller ? undefined : identify(exchange, verifier, token, isOpen);
  };
}

async function identify(exchange: Exchange, verifier: Verifier, token: string, isOpen: boolean): Promise<Verdict> {
  try {
    exchange.caller = await verifier.verify(token);
    return undefined;
  } catch (error) {
    if (error instanceof KeysAwayError) {
      exchange.log.warn({ err: error }, error.message);
      return isOpen ? undefined : keysAway();
    }
    if (!(error instanceof TokenRefusedError)) throw error;
    exchange.log.debug({ err: error }, error.message);
    return isOpen && error.problem === 'expired' ? undefined : refused(error);
  }
}

function isOurs(verifier: Verifier, token: string): boolean {
  try {
    return verifier.isOurs(token);
  } catch (error) {
    if (error instanceof TokenRefusedError) return false;
    throw error;
  }
}

function refused({ message }: TokenRefusedError): Refusal {
  return unauthenticated(message, `Bearer error="invalid_token", error_description="${message}"`);
}

function unauthenticated(detail: string, challenge = 'Bearer'): Refusal {
  return refusal('unauthenticated', 401, detail, { headers: { 'www-authenticate': challenge } });
}

function keysAway(): Refusal {
  const detail = 'whether the token is genuine cannot be told for now: try again in a moment';
  return refusal('unreachable', 503, detail, { headers: { 'retry-after': RETRY_AFTER_S } });
}
