import { openDatabase, type Database } from '@ebb/postgres';
import type { Telemetry } from '@ebb/telemetry';

import type { ServiceDefinition } from '../definition/service.ts';
import { createHandler } from '../serving/handler.ts';
import { HttpServer } from '../serving/http-server.ts';
import { crashOnUncaught, EXIT_FAILURE, stopOnSignals } from './lifecycle.ts';
import { ownConfig, type DatabaseConfig, type IdentityConfig, type ProcessConfig } from './settings.ts';
import { listenOptions, telemetryOf } from './start.ts';

/** Serves a service until a signal ends it; then the requests in flight finish, spans and lines are handed on, and it exits. */
export async function runService(definition: ServiceDefinition, config: ProcessConfig): Promise<void> {
  const telemetry = telemetryOf(definition.name, config);
  crashOnUncaught(telemetry);
  const database =
    definition.database && databaseOf(definition.name, config as ProcessConfig & DatabaseConfig, telemetry);
  let draining = false;
  const handler = createHandler(definition, {
    telemetry,
    config: ownConfig(definition, config),
    isReady: () => !draining,
    ...(database && { database }),
    ...identityKeysOf(config),
    ...(config.EBB_CONTROL_TOKEN !== undefined && { controlToken: config.EBB_CONTROL_TOKEN }),
  });
  const server = await HttpServer.start(handler, listenOptions(config));
  if (config.PORT === 0) telemetry.logger.info({ port: server.port }, 'listening');
  stopOnSignals(async () => {
    draining = true;
    const unfinished = await server.drain(definition.timeoutMs);
    if (unfinished > 0) telemetry.logger.warn({ unfinished }, 'requests did not finish in time');
    await database?.close();
    await telemetry.shutdown();
    return unfinished === 0 ? 0 : EXIT_FAILURE;
  });
}

function databaseOf(service: string, config: DatabaseConfig, { tracer }: Telemetry): Database {
  const { DATABASE_URL: url, DATABASE_SCHEMA: schema, INBOX_RETENTION: inboxRetentionMs } = config;
  return openDatabase({ url, schema, service, tracer, inboxRetentionMs });
}

function identityKeysOf(config: ProcessConfig & Partial<IdentityConfig>): { readonly identityKeys?: string } {
  return config.EBB_IDENTITY_KEYS === undefined ? {} : { identityKeys: config.EBB_IDENTITY_KEYS };
}
