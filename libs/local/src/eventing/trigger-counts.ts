/** What became of a Trigger's events since the start of the runtime. */
export interface TriggerCounts {
  delivered: number;
  retried: number;
  deadLettered: number;
  lost: number;
  discarded: number;
}

export function newCounts(): TriggerCounts {
  return { delivered: 0, retried: 0, deadLettered: 0, lost: 0, discarded: 0 };
}
