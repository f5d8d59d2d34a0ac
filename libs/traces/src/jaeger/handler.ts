import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, silentLogger, type Logger } from '@ebb/core';
import { QueryError } from '../errors.ts';
import type { TraceStore } from '../store/store.ts';
import { Parameters } from './parameters.ts';
import { sendJson, type Reply } from './respond.ts';
import { errorReply as v1Error, V1_ENDPOINTS } from './v1.ts';
import { errorReply as v3Error, V3_ENDPOINTS } from './v3.ts';

/** Answers Jaeger's query API; false when the path is none of it, and nothing was done. */
export type JaegerHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers Jaeger's query API, /api and /api/v3, from the store: Jaeger's own UI and tools can read it. */
export function jaegerHandler(store: TraceStore, { logger = silentLogger }: { logger?: Logger } = {}): JaegerHandler {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://jaeger');
    const route = routeOf(pathname);
    if (!route) return false;
    const parameters = new Parameters(searchParams);
    void replyOf(request, () => route.run(store, parameters), route.error, logger).then((reply) =>
      sendJson(response, reply, (parameters.text('prettyPrint') ?? 'false') === 'false' ? 0 : 4),
    );
    return true;
  };
}

interface Route {
  run(store: TraceStore, parameters: Parameters): Promise<Reply>;
  readonly error: (status: number, message: string) => Reply;
}

function routeOf(pathname: string): Route | undefined {
  const apis = [
    { endpoints: V1_ENDPOINTS, error: v1Error },
    { endpoints: V3_ENDPOINTS, error: v3Error },
  ];
  for (const { endpoints, error } of apis) {
    for (const [pattern, endpoint] of endpoints) {
      const match = pattern.exec(pathname);
      if (!match) continue;
      return { run: async (store, parameters) => endpoint(store, parameters, decoded(match[1] ?? '')), error };
    }
  }
  return undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new QueryError(`${JSON.stringify(segment)} is not percent-encoded`, { cause: error });
  }
}

async function replyOf(
  request: IncomingMessage,
  run: () => Promise<Reply>,
  errorReply: Route['error'],
  logger: Logger,
): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorReply(405, 'method not allowed: use GET');
  try {
    return await run();
  } catch (error) {
    if (error instanceof QueryError) return errorReply(400, messageOf(error));
    logger.warn({ err: error }, 'a trace query failed');
    return errorReply(500, messageOf(error));
  }
}
