import { derivedId, durationMs, EbbError, messageOf, newId, TerminalError, type DurationString } from '@ebb/core';
import { createEvent, type CloudEvent, type EventDefinition, type NewEventOptions } from '@ebb/events';
import type { OutboxEvent, Timer, Transaction } from '@ebb/postgres';
import { traceparentOf, type Telemetry } from '@ebb/telemetry';
import { SpanKind, type Attributes, type Span } from '@opentelemetry/api';

import type { AfterOptions, EmitOptions } from '../definition/event-types.ts';

/** What makes events be emitted, and how what they become is told apart. */
export interface EmitterOptions {
  readonly service: string;
  /** What the definition's `emits` lists. */
  readonly emits: readonly EventDefinition[];
  readonly tracer: Telemetry['tracer'];
  readonly correlationId: string;
  /** The event that is being handled, where one is. */
  readonly cause?: { readonly id: string; readonly key: string };
}

type MakeOptions = Pick<NewEventOptions, 'time' | 'extensions'>;

const MAX_AFTER_MS = 3_650 * 86_400_000;

const PRODUCER = { kind: SpanKind.PRODUCER };

type TimerChange = { readonly scheduled: Timer } | { readonly cancelled: string };

/**
 * Collects the events and timers of one transaction in the order of the calls; they are written together at its end. Ids come from the cause's
 * key and the call's ordinal, so that a handler that runs again emits the same ids.
 */
export class Emitter {
  readonly #options: EmitterOptions;
  readonly #events: OutboxEvent[] = [];
  readonly #timers: TimerChange[] = [];
  #made = 0;
  #closed = false;

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  /** The `emit` of a context: checks and keeps the event before it returns, so it need not be awaited one by one. */
  readonly emit = (definition: EventDefinition, data: unknown, options: EmitOptions = {}): Promise<void> =>
    // What an executor throws rejects the promise; it runs before `new Promise` returns.
    new Promise((resolve) => {
      this.#events.push(this.#make('emit', definition, data, options));
      resolve();
    });

  /** The `after` of a context. */
  readonly after = (
    duration: DurationString,
    definition: EventDefinition,
    data: unknown,
    { name, ...options }: AfterOptions = {},
  ): Promise<string> =>
    new Promise((resolve) => {
      const afterMs = delayOf(duration);
      const timed = { ...options, time: new Date(Date.now() + afterMs).toISOString() };
      const made = this.#make('schedule', definition, data, timed);
      const scheduled = { ...made, afterMs, name: name ?? made.event.id };
      this.#timers.push({ scheduled });
      resolve(scheduled.name);
    });

  /** The `cancel` of a context. */
  readonly cancel = (name: string): Promise<void> =>
    new Promise((resolve) => {
      this.#assertOpen(`cancel timer "${name}"`);
      this.#timers.push({ cancelled: name });
      resolve();
    });

  /** The events, in order; nothing can be added any more. */
  close(): readonly OutboxEvent[] {
    this.#closed = true;
    return this.#events;
  }

  /** Closes it, and has the transaction write what was collected. */
  async writeTo(tx: Pick<Transaction, 'enqueue' | 'schedule' | 'cancel'>): Promise<void> {
    const events = this.close();
    if (events.length > 0) await tx.enqueue(events);
    for (const change of this.#timers) {
      await ('scheduled' in change ? tx.schedule(change.scheduled) : tx.cancel(change.cancelled));
    }
  }

  #make(verb: 'emit' | 'schedule', definition: EventDefinition, data: unknown, options: MakeOptions): OutboxEvent {
    const { type, topic } = definition;
    this.#assertOpen(`${verb} ${type}`);
    if (!this.#options.emits.includes(definition)) {
      throw new EbbError('EBB_DEFINITION', `cannot ${verb} ${type}: "emits" does not list it`);
    }
    const span = this.#options.tracer.startSpan(`${verb} ${type}`, PRODUCER);
    let event: CloudEvent | undefined;
    try {
      event = this.#create(definition, data, options.time, this.#extensions(span, options.extensions));
      this.#made += 1;
      return { event, topic };
    } finally {
      span.setAttributes(attributesOf({ type, topic }, event));
      span.end();
    }
  }

  #assertOpen(what: string): void {
    if (this.#closed) throw new EbbError('EBB_RUNTIME', `cannot ${what}: the handler is over (await what you start)`);
  }

  #extensions(span: Span, given: MakeOptions['extensions']): Record<string, string> {
    const { cause, correlationId } = this.#options;
    const extensions: Record<string, string> = { ...given, correlationid: correlationId };
    if (cause) extensions.causationid = cause.id;
    extensions.traceparent = traceparentOf(span);
    return extensions;
  }

  #create(
    definition: EventDefinition,
    data: unknown,
    time: string | undefined,
    extensions: Record<string, string>,
  ): CloudEvent {
    const { cause, service } = this.#options;
    const id = cause ? derivedId(`${cause.key}\u0000${this.#made}`) : newId();
    try {
      const source = `/svc/${service}`;
      return createEvent(
        definition,
        data,
        time === undefined ? { source, id, extensions } : { source, id, extensions, time },
      );
    } catch (error) {
      // The handler's own mistake: it must not pass for a mistake of the caller, and no retry mends it.
      throw new TerminalError(`cannot emit ${definition.type}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Of the span of an event that is made; undefined: it could not be. */
function attributesOf({ type, topic }: Pick<EventDefinition, 'type' | 'topic'>, event?: CloudEvent): Attributes {
  const attributes = { 'cloudevents.event_type': type, 'messaging.destination.name': topic };
  if (!event) return attributes;
  return {
    ...attributes,
    'cloudevents.event_id': event.id,
    'cloudevents.event_source': event.source,
    'cloudevents.event_subject': event.subject ?? '',
  };
}

/** @throws TerminalError: the next attempt would ask for the same */
function delayOf(duration: DurationString): number {
  const ms = durationMs(duration);
  if (ms <= MAX_AFTER_MS) return ms;
  throw new TerminalError(`cannot schedule an event after ${duration}: at most ${MAX_AFTER_MS / 86_400_000} days`);
}
