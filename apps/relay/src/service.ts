import { defineWorker } from '@ebb/function';
import { runRelay } from './relay.ts';
import { RELAY_SETTINGS } from './settings.ts';

/** Publishes the outboxes of all services to their topics. */
export const relay = defineWorker('relay', {
  outboxes: true,
  settings: RELAY_SETTINGS,
  run: runRelay,
});
