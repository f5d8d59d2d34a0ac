import type { Problem } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { ParkReason } from '@ebb/postgres';

/** How one delivery of an event to a function went. */
export interface Delivery {
  /**
   * `done`: it took effect; `duplicate`: it had before; `waiting`: it goes on at its time, or when another event comes;
   * `parked`: it failed for good and was put aside;
   * `retry`, `conflict`: the broker would send it again; `rejected`: the broker would give it to its dead letter sink.
   */
  readonly outcome: 'done' | 'duplicate' | 'waiting' | 'parked' | 'retry' | 'conflict' | 'rejected';
  /** Why it was parked. */
  readonly reason?: ParkReason;
  /** What the function answered, when it did not take the event. */
  readonly problem?: Problem;
  /** What it emitted, in order, and was committed: a leased function may have emitted also where it did not come to its end. */
  readonly emitted: readonly CloudEvent[];
  /** The deliveries that it set off at once: of what waited for this event, or for its turn behind it. */
  readonly woken: readonly Woken[];
}

/** A delivery that nobody asked for by hand: a timer was due, a wait was over, or a turn came. */
export interface Woken extends Delivery {
  readonly fn: string;
  readonly event: CloudEvent;
}

/** An event that is published at its time. */
export interface Scheduled {
  readonly name: string;
  readonly event: CloudEvent;
  readonly topic: string;
  /** How long after it was set. */
  readonly afterMs: number;
}

/** What happened while time passed. */
export interface Advanced {
  /** The events whose time came, in order. */
  readonly published: readonly CloudEvent[];
  /** The deliveries that followed, of these events and of what was woken. */
  readonly delivered: readonly Woken[];
}
