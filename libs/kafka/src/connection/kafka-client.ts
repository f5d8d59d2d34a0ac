import { hostname } from 'node:os';
import type { Logger } from '@ebb/core';
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { KafkaConnection } from './kafka-url.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** Shorter than kafkajs's 30 s: a broker that stands still is met by whoever publishes. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Of connections and of what is known of the cluster: some seconds, after which whoever asked decides. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 };

/** A client for one program. What the library says goes to the log's finest level: what matters is told by whoever uses it. */
export function kafkaClient({ brokers, tls, credentials }: KafkaConnection, logger: Logger): Kafka {
  return new Kafka({
    clientId: `ebb-${hostname()}-${process.pid}`,
    brokers: [...brokers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    ...(tls && { ssl: { ...tls } }),
    ...(credentials && { sasl: { ...credentials } as SASLOptions }),
    logLevel: logLevel.WARN,
    logCreator: logTo(logger),
  });
}

function logTo(logger: Logger): NonNullable<KafkaConfig['logCreator']> {
  return () =>
    ({ namespace, log: { message, error } }) => {
      const reason: unknown = error;
      logger.debug({ from: `kafkajs ${namespace}`, reason }, message);
    };
}
