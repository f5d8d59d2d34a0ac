/** A Trigger at one moment. Counts are since the start of the runtime. */
export interface TriggerStatus {
  readonly namespace: string;
  readonly name: string;
  readonly broker: string;
  readonly topic: string | undefined;
  readonly group: string;
  readonly order: 'ordered' | 'unordered';
  /** Absent when the Trigger consumes; else what it waits for. */
  readonly notReady?: string;
  /** Where it delivers to, as a URL. */
  readonly subscriber: string;
  /** Events of the topic that this Trigger has not finished yet, whether its filter wants them or not. */
  readonly lag: number;
  /** Age of the oldest event that is not finished. */
  readonly oldestAgeMs?: number;
  readonly inFlight: number;
  readonly delivered: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Dead-lettered events that a cluster would have lost: no sink, or the sink failed. */
  readonly lost: number;
  /** Records of the topic that are no CloudEvent. */
  readonly discarded: number;
}
