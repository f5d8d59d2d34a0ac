/** A rule of the Kafka data plane that bites without a word in a cluster. */
export interface Trap {
  readonly name: string;
  /** What a function, a publisher or a manifest did. */
  readonly what: string;
  /** What a cluster makes of it. */
  readonly cluster: string;
  /** How to stay clear of it. */
  readonly remedy: string;
}

/** The traps by their number; the README has them as a table. */
export const TRAPS: Readonly<Record<number, Trap>> = {
  5: {
    name: 'body-that-is-no-event',
    what: 'a 2xx answer has a body that is no CloudEvent',
    cluster: 'the delivery counts as failed, is not retried, and the event goes to the dead letter sink',
    remedy: 'answer 204 without a body',
  },
  6: {
    name: 'answer-taken-as-reply',
    what: 'an answer carries a CloudEvent, or ce- headers on a 204',
    cluster: 'it is taken as a reply and published to the topic, where every Trigger evaluates it',
    remedy: 'emit events through the outbox and answer 204 without ce- headers',
  },
  7: {
    name: 'delivery-field-ignored',
    what: 'a delivery block sets retryAfterMax or format',
    cluster: 'both are ignored: Retry-After is not waited for, and events always come in binary mode',
    remedy: 'leave them out; a function says when to come back with RetryableError',
  },
  9: {
    name: 'delivery-replaces-delivery',
    what: "a Trigger has a delivery block of its own and relies on the Broker's for the rest",
    cluster: "the block replaces the Broker's as a whole",
    remedy: 'write every delivery block in full',
  },
  11: {
    name: 'event-lost',
    what: 'the dead letter sink failed, or there is none',
    cluster: 'the offset is committed and the event is lost',
    remedy: 'set a dead letter sink, and let functions park what they cannot handle',
  },
  13: {
    name: 'reply-not-published',
    what: 'publishing a reply failed',
    cluster: 'the original event is dead-lettered although its handler has committed',
    remedy: 'emit events through the outbox instead of replying',
  },
  15: {
    name: 'kne-header',
    what: 'a failure was answered with kne- headers',
    cluster: 'each becomes an extension of the dead letter; this is not documented and may change',
    remedy: 'use it for diagnosis only',
  },
  16: {
    name: 'poisonous-kne-header',
    what: 'a kne- header is no legal extension, or names a context attribute',
    cluster:
      'the event never reaches the dead letter sink, keeps its place in flight, and its offset sticks; after 50 of them the Trigger stops delivering',
    remedy: 'send only kne-[a-z0-9]+ and no name of an attribute',
  },
  17: {
    name: 'event-without-traceparent',
    what: 'an event was published without a traceparent',
    cluster: 'it is delivered with the trace context and baggage of another event of the Trigger',
    remedy: 'publish with a traceparent; never read a tenant or a right from baggage',
  },
  18: {
    name: 'event-too-large',
    what: 'an event is over 1 MiB',
    cluster: 'the ingress answers 503, so that a publisher which retries 503 never ends',
    remedy: 'keep events under 1 MB: put large data elsewhere and send its address',
  },
  19: {
    name: 'partial-delivery-block',
    what: 'a delivery block leaves something out',
    cluster: 'what is missing is not filled in: without retry there are no retries, without a sink no dead letters',
    remedy: 'write retry, backoffPolicy, backoffDelay and deadLetterSink',
  },
  20: {
    name: 'redirect-followed',
    what: 'a subscriber answered 303 with a Location',
    cluster: "it is followed as a GET with the event's headers, and a 2xx there counts as success",
    remedy: 'do not redirect deliveries',
  },
  21: {
    name: 'structured-text-garbled',
    what: 'an event in structured mode has text that is not ASCII',
    cluster: 'each such character arrives as one Latin-1 byte',
    remedy: 'publish in binary mode, which keeps the bytes',
  },
  22: {
    name: 'dead-letter-sink-failed',
    what: 'the dead letter sink itself answered an error',
    cluster: 'it is retried like a subscriber; after the last attempt the event is lost',
    remedy: 'let the sink be something that does not fail, and watch it',
  },
};
