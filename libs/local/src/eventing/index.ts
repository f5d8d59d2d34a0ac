export { openDeadLetterStore, type DeadLetterStore } from './dead-letter-store.ts';
export { createEventing, type Eventing, type EventingResource } from './eventing.ts';
export { openScheduleStore, type ScheduleStore } from './schedule-store.ts';
export type { Tail, TailEntry } from './tail.ts';
