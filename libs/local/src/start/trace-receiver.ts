import { createServer } from 'node:http';
import type { Logger } from '@ebb/core';
import { otlpHandler, type Forwarder, type TraceStore } from '@ebb/traces';
import { listen } from '../workspace/listen.ts';
import type { StopStack } from './stop-stack.ts';

/** The port that OpenTelemetry has for OTLP over HTTP. */
const OTLP_PORT = 4318;

/** Takes traces over OTLP/HTTP on its standard port, or the next free one. @returns the port */
export async function startTraceReceiver(
  traces: TraceStore,
  options: { readonly forwarder: Forwarder | undefined; readonly logger: Logger },
  stack: StopStack,
): Promise<number> {
  const { forwarder, logger } = options;
  const handler = otlpHandler(traces, { logger, ...(forwarder && { forwardTo: forwarder }) });
  const server = createServer(handler);
  const port = await listen(server, OTLP_PORT, false);
  stack.push('the trace receiver', async () => {
    server.close();
    server.closeAllConnections();
    await handler.close();
  });
  return port;
}
