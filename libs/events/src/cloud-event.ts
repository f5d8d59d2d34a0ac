import type { CloudEventV1 } from 'cloudevents';

/**
 * A CloudEvent 1.0 as handlers see it: the type of the `cloudevents` package on a plain object.
 * The package itself is never loaded at run time: it costs more to start than everything else that a function needs.
 */
export type CloudEvent<T = unknown> = CloudEventV1<T> & {
  readonly specversion: '1.0';
  /** Keeps the order of events: those with the same key are delivered in the order in which they were published. */
  readonly partitionkey?: string;
  /** The same for everything that one request set off. */
  readonly correlationid?: string;
  /** The id of the event that caused this one. */
  readonly causationid?: string;
  /** The trace that the event started in (W3C Trace Context), whatever hops it takes afterwards. */
  readonly traceparent?: string;
  readonly tracestate?: string;
};

/** An event that came from outside, with its data both as value and as bytes. */
export interface DecodedEvent<T = unknown> {
  readonly event: CloudEvent<T>;
  /** The data exactly as it was received; undefined when the event carries none. */
  readonly payload: Buffer | undefined;
}

/** What one HTTP request carried. */
export interface DecodedMessage {
  readonly mode: 'binary' | 'structured' | 'batch';
  readonly events: readonly DecodedEvent[];
}

/** An event as a record of a log: the Kafka protocol binding in binary mode. */
export interface EventRecord {
  readonly key: string | null;
  /** `ce_<attribute>`, `content-type`, and what the transport adds, such as `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
}
