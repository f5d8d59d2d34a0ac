import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CatalogueEntry } from '@ebb/catalogue';
import { HttpProblem, problem, type Logger, type Secret } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import type { Pool } from 'pg';
import { CONTROL_PATH, type CatalogueReport } from '../control/api.ts';
import { answerDead, type DeadBackend } from '../control/dead-routes.ts';
import { allow, jsonBody, tailFilter } from '../control/router.ts';
import { streamTail } from '../control/tail-stream.ts';
import type { ServiceDatabase } from '../database-report.ts';
import { checkEdit } from '../dead/check-edit.ts';
import { DeadLetters } from '../dead/dead-letters.ts';
import { dryRunOf } from '../dead/dry-run.ts';
import { outboxKeeper } from '../dead/outbox-keeper.ts';
import { functionsOf } from '../dead/functions-of.ts';
import { serviceKeeper } from '../dead/service-keeper.ts';
import { createSchemaCheck } from '../eventing/schema-check.ts';
import { createTail } from '../eventing/tail.ts';
import { createTopicTail } from '../eventing/topic-tail.ts';
import { problemOf, sendJson, sendProblem } from '../front/answer.ts';
import { isAuthorized } from './authorized.ts';
import { callServices } from './call-service.ts';
import { parseLag } from './parse-lag.ts';
import { lagsOf, operatorReport } from './report.ts';

export interface OperatorOptions {
  /** What a request has to show. */
  readonly token: Secret;
  /** As a role that may look after the platform's tables. */
  readonly pool: Pool;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly schemas: readonly string[];
  /** What is installed. */
  readonly entries: readonly CatalogueEntry[];
  /** The topics that `ebb tail` shows. */
  readonly topics: () => Promise<readonly string[]>;
  /** Where the services are: {service} in it stands for the name. */
  readonly servicesUrl: string;
  /** What services know the platform by; no dry runs without it. */
  readonly controlToken: Secret | undefined;
}

export interface Operator {
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  stop(): Promise<void>;
}

/** The part of the control API that is served in a cluster, for those who show the token: dead letters, what waits, what passes. */
export function createOperator(options: OperatorOptions): Operator {
  const { log, logger, token, entries } = options;
  const tail = createTail();
  let topics: readonly string[] = [];
  const topicTail = createTopicTail({ log, tail, logger, topics: () => topics });
  const databases = databasesOf(options);
  const dead = deadBackend(options, databases);
  const routes: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse, url: URL) => Promise<void>>> = {
    '/status': async (_req, res) => sendJson(res, 200, await operatorReport(options.pool, databases)),
    '/catalogue': (_req, res) => {
      sendJson(res, 200, { entries } satisfies CatalogueReport);
      return Promise.resolve();
    },
    '/events': async (_req, res, url) => {
      topics = await options.topics();
      streamTail(tail, tailFilter(url.searchParams), res);
    },
  };
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (!isAuthorized(req, token)) {
      sendProblem(res, problem(401, 'the token is missing or wrong'), { 'www-authenticate': 'Bearer' });
      return;
    }
    const url = new URL(req.url ?? '/', 'http://localhost');
    const path = url.pathname.startsWith(CONTROL_PATH) ? url.pathname.slice(CONTROL_PATH.length) : '';
    if (path === '/lag') {
      allow(req, 'POST');
      sendJson(res, 200, await lagsOf(log, parseLag(await jsonBody(req))));
      return;
    }
    if (await answerDead(dead, path, url, req, res, { allow, json: jsonBody })) return;
    const route = routes[path];
    if (!route) throw new HttpProblem(404, `the operator's API has no ${url.pathname}`);
    allow(req, 'GET');
    await route(req, res, url);
  };
  return {
    handle: (req, res) => {
      answer(req, res).catch((error: unknown) => {
        const { document, headers } = problemOf(error);
        if (document.status >= 500) logger.error({ err: error, path: req.url }, 'a request of an operator failed');
        sendProblem(res, document, headers);
      });
    },
    stop: () => topicTail.stop(),
  };
}

function deadBackend(
  { pool, entries, servicesUrl, controlToken }: OperatorOptions,
  databases: readonly ServiceDatabase[],
): DeadBackend {
  const keepers = databases.flatMap(({ service, schema }) => [
    serviceKeeper(pool, service, schema),
    outboxKeeper(pool, service, schema),
  ]);
  const schemas = createSchemaCheck(() => entries);
  const letters = new DeadLetters(
    () => keepers,
    checkEdit(
      () => entries,
      (type, data) => schemas.checkData(type, data),
    ),
    () => functionsOf(entries),
  );
  const serving = callServices(servicesUrl);
  return {
    letters,
    async dryRun(id) {
      const { keeper, event } = await letters.find(id);
      if (keeper.name !== keeper.service)
        throw new HttpProblem(409, 'a dry run is not possible: no function was to have this event');
      if (!controlToken) throw new HttpProblem(409, 'a dry run is not possible: the relay has no EBB_CONTROL_TOKEN');
      return dryRunOf(keeper.service, event, { serving, entries: () => entries, token: controlToken });
    },
  };
}

/** By the names of the services where they are known, else by those of their schemas. */
function databasesOf({ schemas, entries }: OperatorOptions): readonly ServiceDatabase[] {
  return schemas.map((schema) => ({
    schema,
    service: entries.find(({ database }) => database?.schema === schema)?.name ?? schema.replaceAll('_', '-'),
  }));
}
