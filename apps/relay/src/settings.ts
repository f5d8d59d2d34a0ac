import { setting, type Settings } from '@ebb/core';
import { INBOX_RETENTION_MS } from '@ebb/postgres';
import { OPERATOR_SETTINGS } from './operator/settings.ts';

export const RELAY_SETTINGS = {
  ...OPERATOR_SETTINGS,
  DATABASE_URL: setting.secret({ description: 'the database with the outboxes, as a role that may publish them' }),
  EVENT_LOG_URL: setting.secret({ description: 'the event log that events are published to' }),
  OUTBOX_SCHEMAS: setting.list({ description: 'the schemas that have an outbox', default: [] }),
  OUTBOX_RETENTION: setting.duration({
    description: 'how long published events are kept: the lineage, and the source of replays',
    default: 7 * 86_400_000,
  }),
  INBOX_RETENTION: setting.duration({
    description: 'how long services remember a delivery (their setting of that name)',
    default: INBOX_RETENTION_MS,
  }),
  REPLAY_WINDOW: setting.optional(
    setting.duration({
      description:
        'how far back topics are read again at the most, where they keep their events for longer than deliveries are remembered',
    }),
  ),
  TOPICS: setting.list({ description: 'the topics that functions read; without it all of the log', default: [] }),
  BATCH_SIZE: setting.integer({ description: 'the most events of one batch', default: 200, min: 1, max: 5_000 }),
  ANSWER_TIMEOUT: setting.duration({
    description: 'how long PostgreSQL or the log may take to answer before it is taken for away',
    default: 20_000,
  }),
  POLL_MIN: setting.duration({ description: 'the shortest wait between two looks at an outbox', default: 50 }),
  POLL_MAX: setting.duration({ description: 'the wait that an idle outbox comes to', default: 1_000 }),
} as const satisfies Settings;
