import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TraceStore } from '../store/store.ts';

/** Answers Jaeger's query API; false when the path is none of its own. */
export declare function jaegerHandler(
  store: TraceStore,
): (request: IncomingMessage, response: ServerResponse) => boolean;
