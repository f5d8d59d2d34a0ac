export type {
  Database,
  DeliveryKey,
  DeliveryResult,
  OutboxEvent,
  ParkReason,
  Transaction,
  TransactionOptions,
} from './database.ts';
export { openDatabase, type DatabaseOptions } from './open-database.ts';
export { sql, type Identifier, type Sql } from './sql.ts';
