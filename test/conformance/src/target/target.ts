import type { CloudEvent } from '@ebb/events';
import type { StoredSpan } from '@ebb/traces';

/** An event that went by in a topic. */
export interface Sighting {
  readonly topic: string;
  readonly type: string;
  readonly id: string;
  readonly subject?: string;
  /** The trace that the event belongs to, as the event itself says. */
  readonly traceId?: string;
  /** Where the log has it, when it is known. */
  readonly at?: { readonly partition: number; readonly offset: bigint };
}

/** What is known of a Trigger: that there is none, that it has not come so far, that it has the event behind it. */
export type TriggerState = 'missing' | 'behind' | 'past' | 'unknown';

/** An installation, wherever it runs: what is published to, watched and asked. */
export interface Target {
  /** For people: where it is. */
  readonly name: string;
  /** How to find out more about something, as commands. */
  readonly hints: Hints;
  /** Publishes through the broker. @throws BrokenLink ingress */
  publishHttp(topic: string, event: CloudEvent): Promise<void>;
  /** Publishes into the topic itself. @returns the trace that it began, where it does not continue the event's own @throws BrokenLink topic */
  publishToTopic(topic: string, event: CloudEvent): Promise<string | undefined>;
  /** Tells of all events of topics from now on. @throws BrokenLink topic */
  watch(topics: readonly string[], onEvent: (sighting: Sighting) => void): Promise<{ close(): Promise<void> }>;
  /** Never rejects. */
  triggerState(trigger: string, event: Sighting): Promise<TriggerState>;
  /** @throws when it cannot be asked */
  trace(traceId: string): Promise<readonly StoredSpan[]>;
  close(): Promise<void>;
}

export interface Hints {
  ingress(topic: string): readonly string[];
  topic(topic: string): readonly string[];
  trigger(trigger: string): readonly string[];
  service(service: string): readonly string[];
  relay(): readonly string[];
  traces(): readonly string[];
}
