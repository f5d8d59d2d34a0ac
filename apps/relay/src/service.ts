import { defineWorker } from '@ebb/function';
import { runRelay } from './relay.ts';
import { RELAY_SETTINGS } from './settings.ts';

/** Publishes the outboxes of all services to their topics. */
export const relay = defineWorker('relay', {
  outboxes: true,
  // Brokers hand over what they gave up on.
  listens: { public: false },
  // Operators ask it what is installed, and for dry runs.
  catalogue: true,
  services: true,
  settings: RELAY_SETTINGS,
  run: runRelay,
});
