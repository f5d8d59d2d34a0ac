import type { Logger } from '@ebb/core';
import { jaegerHandler } from '@ebb/traces';
import { controlHandler } from '../control/router.ts';
import { streamTail } from '../control/tail-stream.ts';
import { traceReport } from '../control/trace-report.ts';
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
          schemas: () => deployer.entries.flatMap(({ database }) => (database ? [database.schema] : [])),
          buildErrors: () => watch.errors,
        }),
      catalogue: () => ({ entries: deployer.entries }),
      publish: (request) => eventing.publish(request),
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
