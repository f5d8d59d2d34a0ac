export type { BrokerEntry, BrokerRegistry } from './broker-registry.ts';
export type { DeadLetter, DeadLetterStore, StoredDeadLetter } from './dead-letter-store.ts';
export type { Eventing, EventingOptions, EventingResource } from './eventing.ts';
export type { PingStatus } from './ping-status.ts';
export type { ScheduleStore } from './schedule-store.ts';
export type { ServingPort } from './serving-port.ts';
export type { Tail, TailEntry, TailListener } from './tail.ts';
export type { TrapReport, TrapReports } from './trap-reports.ts';
export type { TriggerStatus } from './trigger-status.ts';
