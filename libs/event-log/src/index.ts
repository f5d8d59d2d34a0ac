export { UnknownTopicError } from './errors.ts';
export type { EventLog, LogRecord, Offsets, Position, StoredRecord, TopicInfo } from './event-log.ts';
export { murmur2, partitionOf } from './partitioner.ts';
export { openPostgresLog, type PostgresLogOptions } from './postgres/postgres-log.ts';
export { migrateLog, type MigrateLogOptions } from './postgres/schema.ts';
