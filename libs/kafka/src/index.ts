export { isKafkaUrl, kafkaAddress, parseKafkaUrl, type KafkaConnection } from './connection/kafka-url.ts';
export type { KafkaLogOptions } from './driver/kafka-log.ts';
export {
  startKafka,
  type EmbeddedKafka,
  type EmbeddedKafkaOptions,
  type KafkaCrash,
} from './embedded/embedded-kafka.ts';
export { ensureJars, jarFolder, type JarOptions } from './embedded/jars.ts';
export { KAFKA_VERSION } from './embedded/jar-list.ts';
export { findJava } from './embedded/java.ts';
export { kafkaSources, kafkaUrlOf, type KafkaSources } from './settings.ts';
export { openEventLog, openKafkaLog } from './open-event-log.ts';
