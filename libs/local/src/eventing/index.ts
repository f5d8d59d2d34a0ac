export type { BrokerEntry } from './broker-registry.ts';
export {
  openDeadLetterStore,
  type DeadLetter,
  type DeadLetterStore,
  type StoredDeadLetter,
} from './dead-letter-store.ts';
export { createEventing, type Eventing, type EventingOptions, type EventingResource } from './eventing.ts';
export type { PingStatus } from './ping-status.ts';
export { openScheduleStore, type ScheduleStore } from './schedule-store.ts';
export type { ServingPort } from './serving-port.ts';
export type { Tail, TailEntry, TailListener } from './tail.ts';
export type { TrapReport } from './trap-reports.ts';
export type { TriggerStatus } from './trigger-status.ts';
