import type { IncomingMessage, ServerResponse } from 'node:http';

import { messageOf, problem } from '@ebb/core';

import type { WorkerDefinition } from '../definition/worker.ts';
import { answerHealth, HEALTH_PREFIX } from '../serving/health.ts';
import { HttpServer } from '../serving/http-server.ts';
import { sendProblem } from '../serving/problems.ts';
import { crashOnUncaught, EXIT_FAILURE, stopOnSignals } from './lifecycle.ts';
import { Metrics, METRICS_CONTENT_TYPE } from './metrics.ts';
import { ownConfig, type ProcessConfig } from './settings.ts';
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
  const running = definition
    .run({
      config: ownConfig(definition, config),
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
  if (failure) telemetry.logger.error({ err: failure.error }, `the worker failed: ${messageOf(failure.error)}`);
  else telemetry.logger.error('the worker ended although nobody asked it to');
  process.exit(await finish(EXIT_FAILURE));
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
    } else sendProblem(response, problem(404, 'a worker has probes and /metrics only'));
  };
}
