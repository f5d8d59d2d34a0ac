import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { EbbError, HttpProblem, Secret } from '@ebb/core';

import { tokenOf, type Caller } from '../definition/route-access.ts';
import type { RouteDefinition } from '../definition/route.ts';
import { IDENTITY_HEADER } from '../identity/claims.ts';
import { refusalOf } from '../identity/refusal.ts';
import type { IdentityVerifier } from '../identity/verify.ts';
import type { ServiceRuntime } from './runtime.ts';

/** Finds out who calls, and whether they may. */
export class Callers {
  readonly #runtime: ServiceRuntime;
  #verifier: Promise<IdentityVerifier> | undefined;

  constructor(runtime: ServiceRuntime) {
    this.#runtime = runtime;
  }

  /**
   * Who calls, as far as the route has to know before it reads its path.
   * @throws HttpProblem 401
   */
  async identify({ access }: RouteDefinition, request: IncomingMessage): Promise<Caller | undefined> {
    const setting = tokenOf(access);
    if (setting !== undefined) {
      this.#checkToken(setting, request);
      return undefined;
    }
    const caller = await this.#callerOf(request);
    if (!caller && access !== 'anyone') throw problemFor(refusalOf('signed-in', undefined));
    return caller;
  }

  async #callerOf({ headers }: IncomingMessage): Promise<Caller | undefined> {
    const { identityKeys, definition } = this.#runtime;
    const identity = headers[IDENTITY_HEADER];
    // A service that asks nobody who they are has no keys, and need not care what a stranger says about themselves.
    if (identity === undefined || identityKeys === undefined) return undefined;
    const { IdentityError, IdentityVerifier } = await import('../identity/verify.ts');
    this.#verifier ??= Promise.resolve(new IdentityVerifier(identityKeys, definition.name));
    const verifier = await this.#verifier;
    try {
      return verifier.verify(String(identity));
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      throw new HttpProblem(401, error.message, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
    }
  }

  #checkToken(setting: string, { headers }: IncomingMessage): void {
    const expected = this.#runtime.config[setting];
    if (!(expected instanceof Secret)) throw new EbbError('EBB_DEFINITION', `there is no secret setting ${setting}`);
    const [, given] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && isSame(given, expected.reveal())) return;
    const challenge = given === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
    throw new HttpProblem(401, `this route is for services: send their bearer token`, {
      headers: { 'www-authenticate': challenge },
    });
  }
}

/** @throws HttpProblem 403 */
export function assertMay({ access }: RouteDefinition, caller: Caller | undefined, params: unknown): void {
  if (tokenOf(access) !== undefined) return;
  const owner = typeof access === 'object' && 'owner' in access ? access.owner : undefined;
  const value: unknown = owner === undefined ? undefined : (params as Readonly<Record<string, unknown>>)[owner];
  const refusal = refusalOf(access, caller, typeof value === 'number' ? String(value) : (value as string | undefined));
  if (refusal) throw problemFor(refusal);
}

function problemFor(refusal: ReturnType<typeof refusalOf>): HttpProblem {
  const { status = 401, detail = '', challenge = 'Bearer' } = refusal ?? {};
  return new HttpProblem(status, detail, { headers: { 'www-authenticate': challenge } });
}

/** Hashed first, so that neither the letters nor the length can be found out by the time it takes. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
