import type { IncomingMessage, ServerResponse } from 'node:http';

import { messageOf, problem } from '@ebb/core';
import { openDatabase, type Database } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { AnyWorkerContext, WorkerDefinition } from '../definition/worker.ts';
import { answerHealth, HEALTH_PREFIX } from '../serving/health.ts';
import { HttpServer } from '../serving/http-server.ts';
import { sendProblem } from '../serving/problems.ts';
import { crashOnUncaught, EXIT_FAILURE, exitWith, stopOnSignals } from './lifecycle.ts';
import { Metrics, METRICS_CONTENT_TYPE } from './metrics.ts';
import { ownConfig, type DatabaseConfig, type ListenConfig, type ProcessConfig } from './settings.ts';
import { listenOptions, telemetryOf } from './start.ts';

/** How long a worker may take to finish what is in hand after a signal. */
const STOP_TIMEOUT_MS = 30_000;
const DRAIN_TIMEOUT_MS = 1_000;

/** Runs a worker until a signal ends it, with its probes and metrics on HTTP; a worker that ends by itself has failed. */
export async function runWorker(definition: WorkerDefinition, config: ProcessConfig): Promise<void> {
  const telemetry = telemetryOf(definition.name, config);
  crashOnUncaught(telemetry);
  const stopping = new AbortController();
  let whyNotReady: string | undefined = 'the worker is starting';
  const metrics = new Metrics();
  const server = await HttpServer.start(
    workerHandler(() => (stopping.signal.aborted ? 'the worker is stopping' : whyNotReady), metrics),
    listenOptions(config),
  );
  const database =
    definition.database && databaseOf(definition.name, config as ProcessConfig & DatabaseConfig, telemetry);
  const running = definition
    .run({
      ...givenTo(definition, config, database),
      log: telemetry.logger,
      tracer: telemetry.tracer,
      metrics,
      signal: stopping.signal,
      ready: () => {
        whyNotReady = undefined;
      },
      notReady: (reason) => {
        whyNotReady = reason;
      },
    })
    .then(
      () => undefined,
      (error: unknown) => ({ error }),
    );

  const finish = async (code: number): Promise<number> => {
    await server.drain(DRAIN_TIMEOUT_MS);
    await database?.close();
    await telemetry.shutdown();
    return code;
  };
  stopOnSignals(async () => {
    stopping.abort(new Error('the process was told to stop'));
    const ended = await Promise.race([running.then(() => true), overdue(STOP_TIMEOUT_MS)]);
    if (!ended) telemetry.logger.warn(`the worker did not stop within ${STOP_TIMEOUT_MS} ms`);
    return finish(ended ? 0 : EXIT_FAILURE);
  });

  const failure = await running;
  if (stopping.signal.aborted) return;
  const why = failure ? failure.error : new Error('the worker ended although nobody asked it to');
  telemetry.logger.error({ err: why }, `the worker failed: ${messageOf(why)}`);
  // On stderr, too: whoever started the process learns from there why it ended.
  exitWith(why, await finish(EXIT_FAILURE));
}

/** What the worker asked for, and its settings. */
function givenTo(
  definition: WorkerDefinition,
  config: ProcessConfig,
  database: Database | undefined,
): Pick<AnyWorkerContext, 'config' | 'listen' | 'database'> {
  const { LISTEN_PORT: port } = config as ProcessConfig & ListenConfig;
  return {
    config: ownConfig(definition, config),
    ...(definition.needs.listens && { listen: { port, host: config.HOST } }),
    ...(database && { database }),
  };
}

function databaseOf(name: string, config: DatabaseConfig, { tracer }: Telemetry): Database {
  const { DATABASE_URL: url, DATABASE_SCHEMA: schema, INBOX_RETENTION: inboxRetentionMs } = config;
  return openDatabase({ url, schema, service: name, tracer, inboxRetentionMs });
}

function overdue(ms: number): Promise<false> {
  return new Promise((resolve) => void setTimeout(() => resolve(false), ms).unref());
}

function workerHandler(whyNotReady: () => string | undefined, metrics: Metrics) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [path = '/'] = (request.url ?? '/').split('?');
    if (path.startsWith(HEALTH_PREFIX)) {
      answerHealth(path.slice(HEALTH_PREFIX.length), request, response, whyNotReady);
    } else if (path === '/metrics' && request.method === 'GET') {
      // Never rejects.
      void metrics.text().then((text) => response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text));
    } else sendProblem(response, problem(404, 'here, a worker has probes and /metrics only'));
  };
}
