export type {
  BatchedDelivery,
  Database,
  DeliveryKey,
  DeliveryResult,
  OutboxEvent,
  ParkReason,
  Transaction,
  TransactionOptions,
} from './database.ts';
export type { Circuit, CircuitSettings } from './circuit/circuit.ts';
export { circuitsOf, type CircuitState } from './circuit/list-circuits.ts';
export { CircuitOpenError } from './circuit/circuit-open-error.ts';
export type { CrashPoint, OnCrashPoint } from './delivery/crash-point.ts';
export { UnknownEffectError } from './delivery/settlement.ts';
export { LeaseLostError } from './leased/lease.ts';
export type { LeasedDelivery, WaitEnd } from './leased/leased-delivery.ts';
export type { LeaseEnd } from './leased/leases.ts';
export type { TableChanges } from './dry-run/changes.ts';
export type { DryRun } from './dry-run/dry-run.ts';
export { listen, type ListenOptions } from './listen.ts';
export { Notifications } from './notifications.ts';
export { openDatabase, type DatabaseOptions } from './open-database.ts';
export { OUTBOX_CHANNEL } from './outbox/notify-outbox.ts';
export { backlogOf, type Backlog } from './outbox/backlog.ts';
export type { PendingEvent } from './outbox/pending-event.ts';
export { publishPending, type PublishOptions, type PublishResult } from './outbox/publish-pending.ts';
export { putTopicAside, takeTopicBack, topicsAside, type RefusedEvent } from './outbox/put-aside.ts';
export { SHARDS, shardOf } from './outbox/shard.ts';
export { sendDueParked } from './parked/send-due-parked.ts';
export { waiting, type Waiting } from './outbox/waiting.ts';
export { isUnavailable } from './pg-errors.ts';
export { redeliveryOf } from './redelivery/redelivery.ts';
export type { StepState } from './steps/journal.ts';
export { INBOX_RETENTION_MS } from './retention/retention.ts';
export { tableSizes, type TableSizes } from './retention/table-sizes.ts';
export { trimInbox } from './retention/trim-inbox.ts';
export { trimOutbox } from './retention/trim-outbox.ts';
export { trimParked } from './retention/trim-parked.ts';
export { trimSignals } from './retention/trim-signals.ts';
export { moveDueTimers } from './timer/move-due-timers.ts';
export type { Due, Timer } from './timer/timer.ts';
export { sql, type Identifier, type Sql } from './sql.ts';
