import type { Clock, Logger } from '@ebb/core';
import type { DecodedEvent } from '@ebb/events';
import type { EventLog, StoredRecord } from '@ebb/event-log';
import type { Tracer } from '@opentelemetry/api';
import type { Attempt } from './attempts.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import type { Target } from './destination.ts';
import type { Sender } from './sender.ts';
import type { ServingPort } from './serving-port.ts';
import type { Tail } from './tail.ts';
import type { TrapReports } from './trap-reports.ts';
import type { TriggerConfig } from './trigger-config.ts';
import type { TriggerCounts } from './trigger-counts.ts';

/** What deliveries need from the runtime. */
export interface DeliveryPorts {
  readonly log: EventLog;
  readonly sender: Sender;
  readonly serving: ServingPort;
  readonly deadLetters: Pick<DeadLetterStore, 'add'>;
  readonly tail: Tail;
  readonly traps: TrapReports;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** One record on its way to one Trigger's subscriber. */
export interface Delivery {
  readonly record: StoredRecord;
  readonly decoded: DecodedEvent;
  readonly config: TriggerConfig;
  readonly counts: TriggerCounts;
  /** Cuts off what is under way. */
  readonly signal: AbortSignal;
  /** Ends waits between attempts: nothing is under way in them. Has the same reason as `signal`. */
  readonly stopping: AbortSignal;
}

/** Where a delivery ended when its subscriber did not take the event. */
export interface Failure {
  readonly reason: string;
  readonly attempt: Attempt;
  readonly target: Target;
}
