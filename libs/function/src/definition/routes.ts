import type { ConfigOf, Logger, Settings } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';
import type { Sql } from '@ebb/postgres';
import type { Request, Router } from 'express';

import type { NoSettings } from './no-settings.ts';
import type { RouteTransaction } from './route-options.ts';
import { definitionOf } from './validate.ts';

export interface RoutesContext<
  Emits extends readonly EventDefinition[] = readonly EventDefinition[],
  S extends Settings = Settings,
> {
  /** Runs `run` in one transaction; what it emits has the request's id as correlation id. */
  readonly transaction: <T>(request: Request, run: (tx: RouteTransaction<Emits>) => Promise<T>) => Promise<T>;
  /** For reads outside a transaction. */
  readonly db: Sql;
  readonly log: Logger;
  readonly config: ConfigOf<S>;
}

export interface RoutesOptions<Emits extends readonly EventDefinition[], S extends Settings> {
  /** Every event that the routes may emit. */
  readonly emits?: Emits;
  /** Settings that the routes read from `config`; the service's environment must give them. */
  readonly settings?: S;
  /** Adds the routes; paths are relative to the definition's path. Called once, at the first request. */
  readonly register: (router: Router, context: RoutesContext<Emits, S>) => void;
}

export interface RoutesDefinition {
  readonly kind: 'routes';
  readonly path: string;
  readonly emits: readonly EventDefinition[];
  readonly settings: Settings;
  readonly register: (router: Router, context: RoutesContext) => void;
}

const PATH = /^\/$|^(\/[A-Za-z0-9._~-]+)+$/;
const RESERVED = /^\/(functions|healthz)(\/|$)/;

/**
 * Defines HTTP routes under a path, written as an Express router.
 * @throws EbbError EBB_DEFINITION, naming the path and the field
 */
export function defineRoutes<
  const Emits extends readonly EventDefinition[] = readonly [],
  const S extends Settings = NoSettings,
>(path: string, options: RoutesOptions<Emits, S>): RoutesDefinition {
  const check = definitionOf('routes', path);
  check.that(PATH.test(path), 'path', 'must be "/" or like "/orders", without parameters or a slash at the end');
  check.that(!RESERVED.test(path), 'path', 'belongs to the runtime: /functions and /healthz are taken');
  const emits = options.emits ?? [];
  check.unique(
    'emits',
    emits.map(({ type }) => type),
  );
  return Object.freeze({
    kind: 'routes',
    path,
    emits,
    settings: options.settings ?? {},
    // `emit` checks at run time what the narrower context promises the compiler.
    register: options.register as unknown as RoutesDefinition['register'],
  } satisfies RoutesDefinition);
}
