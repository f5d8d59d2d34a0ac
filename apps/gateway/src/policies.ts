import { messageOf, systemClock, type ConfigOf, type Logger, type Secret } from '@ebb/core';
import type { WorkerDatabase } from '@ebb/function';
import { parseIdentityKey } from '@ebb/function/identity';
import { openEventLog } from '@ebb/kafka';

import { authenticatePolicy } from './auth/authenticate.ts';
import { authorizePolicy } from './auth/authorize.ts';
import { Verifier } from './auth/verifier.ts';
import { vouchPolicy } from './auth/vouch.ts';
import { AnswerCache } from './cache/answer-cache.ts';
import { cachePolicy } from './cache/cache-policy.ts';
import { EventTail } from './cache/event-tail.ts';
import { corsPolicy } from './cors/cors-policy.ts';
import { limitPolicies } from './limits/limit-policy.ts';
import type { LimitStore } from './limits/limit-store.ts';
import { MemoryStore } from './limits/memory-store.ts';
import { PostgresStore } from './limits/postgres-store.ts';
import { trimLimits } from './limits/trim-limits.ts';
import type { Policies } from './pipeline/exchange.ts';
import type { POLICY_SETTINGS } from './policy-settings.ts';
import type { RouteTable } from './routing/route-table.ts';
import type { TableSource } from './routing/table-source.ts';
import { publishThrough } from './webhooks/outbox.ts';
import type { KnownEvent } from './webhooks/webhook-event.ts';
import { webhookPolicy, type WebhookPolicyOptions } from './webhooks/webhook-policy.ts';
import { parseWebhookSecrets } from './webhooks/webhook-secrets.ts';

export interface PolicyContext {
  readonly config: ConfigOf<typeof POLICY_SETTINGS> & {
    readonly EBB_IDENTITY_KEY: Secret;
    readonly EVENT_LOG_URL: Secret;
  };
  readonly database: WorkerDatabase;
  readonly log: Logger;
}

export interface RunningPolicies {
  readonly policies: Policies;
  readonly close: () => Promise<void>;
}

const TRIM_EVERY_MS = 60_000;

/** Every policy, told of the routes that hold, and of those that come. */
export function startPolicies(context: PolicyContext, source: TableSource): RunningPolicies {
  const { config, log } = context;
  const verifier = verifierOf(context);
  const cache = new AnswerCache({
    maxBytes: config.CACHE_BYTES,
    maxEntryBytes: config.CACHE_ENTRY_BYTES,
    clock: systemClock,
  });
  const tail = new EventTail({
    open: () => openEventLog({ url: config.EVENT_LOG_URL.reveal(), logger: log }),
    onEvent: (type, keys) => cache.happened(type, keys),
    onGap: () => cache.flush(),
    logger: log,
  });
  let events: ReadonlyMap<string, KnownEvent> = new Map();
  source.onTable((table) => {
    events = eventsOf(table);
    verifier.trust(table.issuers);
    tail.follow(topicsOf(table, events));
    // Another version of a service may answer otherwise.
    cache.flush();
  });
  const trimming = trimmingOf(context);
  return {
    policies: {
      cors: corsPolicy(corsDefaults(config)),
      ...limitPolicies(storeOf(context), limitDefaults(config)),
      webhook: webhookPolicy(webhookOptions(context, (type) => events.get(type))),
      authenticate: authenticatePolicy(verifier),
      authorize: authorizePolicy,
      cache: cachePolicy({ cache, patienceMs: config.CACHE_PATIENCE }),
      identity: vouchPolicy(parseIdentityKey(config.EBB_IDENTITY_KEY.reveal()), systemClock),
    },
    async close() {
      clearInterval(trimming);
      await tail.close();
    },
  };
}

function verifierOf({ config, log }: PolicyContext): Verifier {
  return new Verifier({
    clockSkewMs: config.CLOCK_SKEW,
    maxTokenBytes: config.MAX_TOKEN_BYTES,
    maxRemembered: config.TOKENS_REMEMBERED,
    keysMaxAgeMs: config.KEYS_MAX_AGE,
    keysMaxStaleMs: config.KEYS_MAX_AGE + config.KEYS_MAX_STALE,
    clock: systemClock,
    logger: log,
  });
}

function corsDefaults(config: PolicyContext['config']) {
  return {
    origins: config.CORS_ORIGINS,
    credentials: config.CORS_CREDENTIALS,
    maxAgeMs: config.CORS_MAX_AGE,
    exposedHeaders: [],
    requestHeaders: config.CORS_HEADERS,
  };
}

function limitDefaults(config: PolicyContext['config']) {
  const limit = (requests: number, windowMs: number) => (requests > 0 ? { requests, windowMs } : undefined);
  return {
    client: limit(config.CLIENT_LIMIT, config.CLIENT_LIMIT_WINDOW),
    user: limit(config.USER_LIMIT, config.USER_LIMIT_WINDOW),
  };
}

function storeOf({ config, database, log }: PolicyContext): LimitStore {
  const memory = new MemoryStore({ clock: systemClock, maxKeys: config.LIMIT_KEYS });
  if (config.LIMIT_STORE === 'memory') return memory;
  const { db } = database;
  return new PostgresStore({ db, insurance: memory, maxKeys: config.LIMIT_KEYS, clock: systemClock, logger: log });
}

function trimmingOf({ config, database, log }: PolicyContext): NodeJS.Timeout | undefined {
  if (config.LIMIT_STORE === 'memory') return undefined;
  const trim = (): void => {
    trimLimits(database.db).catch((error: unknown) => {
      log.warn({ err: error }, `counts that nobody needs stay for now: ${messageOf(error)}`);
    });
  };
  return setInterval(trim, TRIM_EVERY_MS).unref();
}

function webhookOptions(
  { config, database }: PolicyContext,
  eventOf: WebhookPolicyOptions['eventOf'],
): WebhookPolicyOptions {
  const { WEBHOOK_SECRETS: secrets, WEBHOOK_TOLERANCE: toleranceMs } = config;
  return {
    secrets: parseWebhookSecrets(secrets?.reveal() ?? '{}'),
    publish: publishThrough(database),
    eventOf,
    toleranceMs,
    clock: systemClock,
  };
}

/** What is known of events by those who are installed. */
function eventsOf({ entries }: RouteTable): ReadonlyMap<string, KnownEvent> {
  return new Map(entries.flatMap(({ events }) => events.map((event) => [event.type, event] as const)));
}

/** The events that make kept answers wrong, and where they are heard of. */
function topicsOf({ routes }: RouteTable, events: ReadonlyMap<string, KnownEvent>): ReadonlyMap<string, string> {
  const types = routes.flatMap(({ cache }) => cache?.invalidatedBy.map(({ type }) => type) ?? []);
  return new Map(
    types.flatMap((type) => {
      const topic = events.get(type)?.topic;
      return topic === undefined ? [] : [[type, topic] as const];
    }),
  );
}
