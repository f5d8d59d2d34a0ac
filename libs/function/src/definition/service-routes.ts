import type { Settings } from '@ebb/core';

import { tokenOf } from './route-access.ts';
import { nameOf, type RouteDefinition } from './route.ts';
import type { DefinitionChecks } from './validate.ts';

export interface IdentityDefinition {
  /** The tokens' `iss`. */
  readonly issuer: string;
  /** The path of a route that answers the public keys (JWK Set). */
  readonly jwks: string;
  /** The tokens' `aud`. */
  readonly audience: string;
}

/** What a parameter is called makes no difference to a request. */
export function shapeOf(route: RouteDefinition): string {
  return nameOf(route).replaceAll(/:\w+/g, ':…');
}

export function checkTokens(check: DefinitionChecks, routes: readonly RouteDefinition[], settings: Settings): void {
  for (const route of routes) {
    const name = tokenOf(route.access);
    check.that(
      name === undefined || settings[name]?.secret === true,
      'routes',
      `has "${nameOf(route)}", whose access asks for the token in ${name ?? ''}: that is no secret setting`,
    );
  }
}

export function checkIdentity(
  check: DefinitionChecks,
  routes: readonly RouteDefinition[],
  identity: IdentityDefinition | undefined,
): void {
  if (!identity) return;
  check.that(identity.issuer !== '', 'identity.issuer', 'is empty');
  check.that(identity.audience !== '', 'identity.audience', 'is empty');
  const keys = routes.find((route) => nameOf(route) === `GET ${identity.jwks}`);
  check.that(
    keys?.access === 'anyone',
    'identity.jwks',
    `must be the path of a GET route for anyone; "${identity.jwks}" is not`,
  );
}
