import { hostname } from 'node:os';

import { startTelemetry, type Telemetry } from '@ebb/telemetry';

import type { HttpServerOptions } from '../serving/http-server.ts';
import { CODE_VERSION } from '../version.ts';
import type { ProcessConfig } from './settings.ts';

/** Tracing and logging of this process. */
export function telemetryOf(service: string, config: ProcessConfig): Telemetry {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, LOG_LEVEL: logLevel, K_REVISION: revision } = config;
  return startTelemetry({
    service,
    version: CODE_VERSION,
    instance: `${revision ?? service}@${hostname()}:${process.pid}`,
    logLevel,
    ...(otlpEndpoint !== undefined && { otlpEndpoint }),
  });
}

export function listenOptions({ PORT: port, HOST: host }: ProcessConfig): HttpServerOptions {
  return { port, ...(host !== undefined && { host }) };
}
