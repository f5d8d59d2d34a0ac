import { setting, type ConfigOf, type Settings } from '@ebb/core';

export const SETTINGS = {
  TARGET_URL: setting.optional(setting.url({ description: 'a running `ebb up`; without it a cluster is tested' })),
  INGRESS_URL: setting.optional(
    setting.url({ description: 'where brokers take events: Knative’s ingress, or <target>/broker/default' }),
  ),
  INGRESS_TOKEN_FILE: setting.optional(
    setting.text({ description: 'a file with the token that brokers want to see; it is read for each run' }),
  ),
  KAFKA_URL: setting.optional(setting.secret({ description: 'the Kafka with the topics: kafka://host:port' })),
  JAEGER_URL: setting.optional(setting.url({ description: "Jaeger's query API; the target's own without it" })),
  NAMESPACE: setting.text({ description: 'the namespace of the release', default: 'ebb' }),
  NAME_PREFIX: setting.optional(setting.text({ description: "what the release's resources begin with" })),
  TIMEOUT: setting.duration({ description: 'for all attempts together', default: 60_000 }),
  ATTEMPTS: setting.integer({
    description: 'how often an event is published anew: a Trigger that was just made begins at the end of its topic',
    default: 1,
    min: 1,
    max: 10,
  }),
  SCENARIO: setting.optional(setting.text({ description: 'what is published and what follows, as JSON' })),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting.optional(setting.url({ description: 'where own spans go (OTLP over HTTP)' })),
} as const satisfies Settings;

export type Config = ConfigOf<typeof SETTINGS>;
