import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@ebb/core';
import type { TraceStore } from '../store/store.ts';

export interface OtlpHandlerOptions {
  /** Base URL of a collector that gets every accepted request too. */
  readonly forwardTo?: string;
  readonly logger?: Logger;
}

/** A request listener for POST /v1/traces. */
export interface OtlpHandler {
  (request: IncomingMessage, response: ServerResponse): void;
  /** Ends forwarding: waits a moment for what is queued, then drops it. */
  close(): Promise<void>;
}

export declare function otlpHandler(store: TraceStore, options?: OtlpHandlerOptions): OtlpHandler;
