import { readFileSync } from 'node:fs';
import { ConfigError } from '@ebb/core';
import { clusterHints, clusterTarget } from './cluster.ts';
import { openKafkaTopics } from './kafka-topics.ts';
import { LAPTOP_HINTS, laptopTarget, statusOf } from './laptop.ts';
import type { Config } from './settings.ts';
import type { Target } from './target.ts';

/** What is tested, and where own spans go. */
export interface Opened {
  readonly target: Target;
  readonly otlpUrl?: string;
}

/** @throws ConfigError when it is not said where everything is; BrokenLink topic, EbbError EBB_RUNTIME when it is not there */
export function openTarget(config: Config): Promise<Opened> {
  return config.TARGET_URL === undefined ? openCluster(config) : openLaptop(config.TARGET_URL, config);
}

async function openLaptop(address: string, config: Config): Promise<Opened> {
  const url = address.replace(/\/+$/, '');
  const status = await statusOf(url);
  const otlpUrl = config.OTEL_EXPORTER_OTLP_ENDPOINT ?? status.otlpUrl;
  const kafka = config.KAFKA_URL && (await openKafkaTopics(config.KAFKA_URL.reveal(), LAPTOP_HINTS));
  return {
    ...(otlpUrl !== undefined && { otlpUrl }),
    target: laptopTarget({
      url,
      ...(config.JAEGER_URL !== undefined && { jaegerUrl: config.JAEGER_URL }),
      ...(config.INGRESS_URL !== undefined && { ingressUrl: config.INGRESS_URL }),
      ...(kafka && { kafka }),
    }),
  };
}

async function openCluster(config: Config): Promise<Opened> {
  const { INGRESS_URL, KAFKA_URL, JAEGER_URL, NAMESPACE: namespace, NAME_PREFIX: prefix = '' } = config;
  const wanted = { INGRESS_URL, KAFKA_URL, JAEGER_URL };
  const missing = Object.entries(wanted).filter(([, value]) => value === undefined);
  if (INGRESS_URL === undefined || KAFKA_URL === undefined || JAEGER_URL === undefined) {
    throw new ConfigError(missing.map(([name]) => `${name} is missing (or give TARGET_URL, for a running ebb up)`));
  }
  const kafka = await openKafkaTopics(KAFKA_URL.reveal(), clusterHints(namespace, prefix));
  const { INGRESS_TOKEN_FILE: file } = config;
  const target = clusterTarget({
    namespace,
    prefix,
    ingressUrl: INGRESS_URL,
    jaegerUrl: JAEGER_URL,
    kafka,
    ...(file !== undefined && { token: readFileSync(file, 'utf8').trim() }),
  });
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl } = config;
  return { target, ...(otlpUrl !== undefined && { otlpUrl }) };
}
