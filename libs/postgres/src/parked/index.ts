export { discardParked, type Discarded } from './discard-parked.ts';
export { editParked, type Edit, type Edited } from './edit-parked.ts';
export type { ParkedFilter } from './filter.ts';
export { countParked, listParked, showParked, type ListOptions, type ParkedCounts } from './list-parked.ts';
export { parkDeadLetter, type DeadLetterEvent } from './park-dead-letter.ts';
export type { ParkedEvent, ParkedState, ParkedSummary } from './parked-event.ts';
export { matchingParked, redriveParked, type Redriven, type RedriveOptions } from './redrive-parked.ts';
export { MAX_REDRIVES, type Refusal } from './refusal.ts';
