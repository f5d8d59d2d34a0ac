import { derivedId, EbbError, messageOf, newId, TerminalError } from '@ebb/core';
import { createEvent, type CloudEvent, type EventDefinition } from '@ebb/events';
import type { OutboxEvent } from '@ebb/postgres';
import { traceparentOf, type Telemetry } from '@ebb/telemetry';
import { SpanKind } from '@opentelemetry/api';

import type { EmitOptions } from '../definition/event-types.ts';

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

/**
 * Collects the events of one transaction in the order of the calls; they are written together at its end, in one
 * statement. Ids come from the cause's key and the call's ordinal, so that a handler that runs again emits the same ids.
 */
export class Emitter {
  readonly #options: EmitterOptions;
  readonly #events: OutboxEvent[] = [];
  #closed = false;

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  /** The `emit` of a context: checks and keeps the event before it returns, so it need not be awaited one by one. */
  readonly emit = (definition: EventDefinition, data: unknown, options: EmitOptions = {}): Promise<void> =>
    // What an executor throws rejects the promise; it runs before `new Promise` returns.
    new Promise((resolve) => {
      this.#add(definition, data, options);
      resolve();
    });

  /** The events, in order; nothing can be added any more. */
  close(): readonly OutboxEvent[] {
    this.#closed = true;
    return this.#events;
  }

  #add(definition: EventDefinition, data: unknown, options: EmitOptions): void {
    const { type, topic } = definition;
    if (this.#closed)
      throw new EbbError('EBB_RUNTIME', `cannot emit ${type}: the handler is over (await what you start)`);
    if (!this.#options.emits.includes(definition)) {
      throw new EbbError('EBB_DEFINITION', `cannot emit ${type}: "emits" does not list it`);
    }
    const { tracer, service } = this.#options;
    const span = tracer.startSpan(`emit ${type}`, {
      kind: SpanKind.PRODUCER,
      attributes: { 'cloudevents.event_type': type, 'messaging.destination.name': topic },
    });
    try {
      const event = this.#create(definition, data, {
        ...options.extensions,
        ...this.#lineage(),
        traceparent: traceparentOf(span),
      });
      span.setAttributes({
        'cloudevents.event_id': event.id,
        'cloudevents.event_source': `/svc/${service}`,
        ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
      });
      this.#events.push({ event, topic });
    } finally {
      span.end();
    }
  }

  #lineage(): Record<string, string> {
    const { cause, correlationId } = this.#options;
    return { correlationid: correlationId, ...(cause && { causationid: cause.id }) };
  }

  #create(definition: EventDefinition, data: unknown, extensions: Record<string, string>): CloudEvent {
    const { cause, service } = this.#options;
    const id = cause ? derivedId(`${cause.key}\u0000${this.#events.length}`) : newId();
    try {
      return createEvent(definition, data, { source: `/svc/${service}`, id, extensions });
    } catch (error) {
      // The handler's own mistake: it must not pass for a mistake of the caller, and no retry mends it.
      throw new TerminalError(`cannot emit ${definition.type}: ${messageOf(error)}`, { cause: error });
    }
  }
}
