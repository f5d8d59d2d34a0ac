import { setting } from '@ebb/core';
import { defineWorker } from '@ebb/function';
import { runRelay } from './relay.ts';

/** Publishes the outboxes of all services to their topics. */
export const relay = defineWorker('relay', {
  outboxes: true,
  settings: {
    DATABASE_URL: setting.secret({ description: 'the database with the outboxes, as a role that may publish them' }),
    EVENT_LOG_URL: setting.secret({ description: 'the event log that events are published to' }),
    OUTBOX_SCHEMAS: setting.list({ description: 'the schemas that have an outbox', default: [] }),
    BATCH_SIZE: setting.integer({ description: 'the most events of one batch', default: 200, min: 1, max: 5_000 }),
    POLL_MIN: setting.duration({ description: 'the shortest wait between two looks at an outbox', default: 50 }),
    POLL_MAX: setting.duration({ description: 'the wait that an idle outbox comes to', default: 1_000 }),
  },
  run: runRelay,
});
