import type { CatalogueEntry } from '@ebb/catalogue';
import { HttpProblem, type Logger, type Secret } from '@ebb/core';
import { jaegerHandler } from '@ebb/traces';
import type { DeadBackend } from '../control/dead-routes.ts';
import { controlHandler } from '../control/router.ts';
import { streamTail } from '../control/tail-stream.ts';
import { traceReport } from '../control/trace-report.ts';
import { checkEdit } from '../dead/check-edit.ts';
import { DeadLetters } from '../dead/dead-letters.ts';
import { dryRunOf } from '../dead/dry-run.ts';
import { PlatformKeeper } from '../dead/platform-keeper.ts';
import { outboxKeeper } from '../dead/outbox-keeper.ts';
import { functionsOf } from '../dead/functions-of.ts';
import { serviceKeeper } from '../dead/service-keeper.ts';
import type { Deployer } from '../deploy/deployer.ts';
import type { SourceWatch } from '../deploy/sources.ts';
import type { Eventing } from '../eventing/index.ts';
import type { PlatformHandler } from '../front/front.ts';
import { landingPage } from '../front/landing.ts';
import type { Serving } from '../serving/serving.ts';
import { statusOf } from '../status.ts';
import type { Stores } from './stores.ts';

export interface PlatformParts {
  readonly stores: Stores;
  readonly serving: Serving;
  readonly eventing: Eventing;
  readonly deployer: Deployer;
  readonly watch: SourceWatch;
  readonly logger: Logger;
  /** What services know the platform by. */
  readonly controlToken: Secret;
  readonly url: string;
  readonly otlpUrl: string;
  readonly startedAt: number;
}

/** What the one port serves besides the services: brokers, control API, Jaeger's query API, a page with links. */
export function platformHandlers(parts: PlatformParts): readonly PlatformHandler[] {
  const { stores, eventing, deployer, watch, logger } = parts;
  const control = controlHandler(
    {
      status: () =>
        statusOf({
          ...parts,
          ...stores,
          resources: () => deployer.resources,
          databases: () => databasesOf(deployer.entries),
          buildErrors: () => watch.errors,
        }),
      catalogue: () => ({ entries: deployer.entries }),
      publish: (request) => eventing.publish(request),
      dead: deadBackend(parts),
      trace: (id, render) => traceReport(stores.traces, id, render),
      tail: (filter, res) => streamTail(eventing.tail, filter, res),
    },
    logger,
  );
  return [
    (req, res) => eventing.handle(req, res),
    control,
    jaegerHandler(stores.traces, { logger }),
    landingPage(() => [
      { label: 'Status', href: '/ebb/v1/status' },
      { label: 'Catalogue', href: '/ebb/v1/catalogue' },
      { label: "Traces (Jaeger's API)", href: '/api/services' },
    ]),
  ];
}

function deadBackend({
  stores: { pool },
  serving,
  eventing,
  deployer,
  controlToken: token,
}: PlatformParts): DeadBackend {
  const entries = () => deployer.entries;
  const own = new PlatformKeeper(pool, (url, event) => eventing.deliverOnce(url, event));
  const keepers = () => [
    ...databasesOf(entries()).flatMap(({ service, schema }) => [
      serviceKeeper(pool, service, schema),
      outboxKeeper(pool, service, schema),
    ]),
    own,
  ];
  const letters = new DeadLetters(
    keepers,
    checkEdit(entries, (type, data) => eventing.checkData(type, data)),
    () => functionsOf(entries()),
  );
  return {
    letters,
    async dryRun(id) {
      const { keeper, event } = await letters.find(id);
      if (keeper.name !== keeper.service || keeper === own) throw new HttpProblem(409, NOT_DRY);
      return dryRunOf(keeper.service, event, { serving, entries, token });
    },
  };
}

const NOT_DRY = 'a dry run is not possible: only a function of a service with a database can be rolled back';

function databasesOf(
  entries: readonly CatalogueEntry[],
): readonly { readonly service: string; readonly schema: string }[] {
  return entries.flatMap(({ name, database }) => (database ? [{ service: name, schema: database.schema }] : []));
}
