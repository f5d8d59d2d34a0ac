export type { ConsumeOptions, Consumption, PartitionReader } from './consumption.ts';
export { UnknownTopicError } from './errors.ts';
export type { EventLog, LogRecord, Offsets, Position, StoredRecord, TopicInfo } from './event-log.ts';
export { murmur2, partitionOf } from './partitioner.ts';
export { openPostgresLog, type PostgresLogOptions } from './postgres/postgres-log.ts';
export { migrateLog, type MigrateLogOptions } from './postgres/schema.ts';
export { readAll } from './read-all.ts';
export { startOffsets, type KnownOffsets, type StartOffsets } from './start-offsets.ts';
