import { defineWorker } from '@ebb/function';
import { POLICY_SETTINGS } from './policy-settings.ts';
import { runGateway } from './run-gateway.ts';
import { GATEWAY_SETTINGS } from './settings.ts';

/** The front door: takes requests from outside to the services that have routes for them. */
export const gateway = defineWorker('gateway', {
  listens: { public: true },
  catalogue: true,
  eventLog: true,
  identity: true,
  services: true,
  database: { migrations: 'migrations' },
  settings: { ...GATEWAY_SETTINGS, ...POLICY_SETTINGS },
  run: runGateway,
});
