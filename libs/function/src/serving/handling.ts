import type { IncomingHttpHeaders } from 'node:http';

import { SchemaViolationError, type Logger } from '@ebb/core';
import type { CloudEvent, DecodedEvent, EventDefinition } from '@ebb/events';
import type { DeliveryKey, Transaction } from '@ebb/postgres';
import type { Span } from '@opentelemetry/api';

import type { AnyIncoming, FunctionDefinition, TransactionalFunctionDefinition } from '../definition/function.ts';
import { Deadlines } from './deadline.ts';
import { Delivery } from './delivery.ts';
import { Emitter, type EmitterOptions } from './emitter.ts';
import { HandlerContext } from './handler-context.ts';
import { patienceOf } from './patience.ts';
import type { ServiceRuntime } from './runtime.ts';

/** What one function makes of an event: its data checked, its delivery's key, its handler's run. */
export class Handling {
  readonly #definition: FunctionDefinition;
  readonly #runtime: ServiceRuntime;
  readonly #events: ReadonlyMap<string, EventDefinition>;
  readonly #deadlines: Deadlines;
  readonly #patienceMs: number;

  constructor(definition: FunctionDefinition, runtime: ServiceRuntime) {
    this.#definition = definition;
    this.#runtime = runtime;
    this.#events = new Map(definition.on.map((event) => [event.type, event]));
    this.#deadlines = new Deadlines(`function "${definition.name}"`, definition.timeoutMs);
    this.#patienceMs = patienceOf(definition);
  }

  /**
   * Runs the handler of a transactional function, and has the transaction write what it emitted.
   * @throws SchemaViolationError at once, for an event that is not the function's
   */
  run(
    definition: TransactionalFunctionDefinition,
    event: CloudEvent,
    span: Span,
    tx: Transaction | undefined,
  ): Promise<void> {
    const incoming = this.incoming(event);
    const emitter = new Emitter(this.emitting(event));
    const log = (): Logger => this.log(event);
    const handled = this.#deadlines.run((deadline) =>
      definition.handle(incoming, new HandlerContext({ runtime: this.#runtime, tx, emitter, deadline, span, log })),
    );
    const { onPoint } = this.#runtime;
    const passed = onPoint ? handled.then(() => onPoint('handled')) : handled;
    return tx ? passed.then(() => emitter.writeTo(tx)) : passed;
  }

  /** @throws SchemaViolationError for a type that the function does not take, or data that does not fit */
  incoming(event: CloudEvent): AnyIncoming {
    const definition = this.#events.get(event.type);
    if (!definition) {
      const taken = [...this.#events.keys()].join(', ');
      throw new SchemaViolationError(`event for function "${this.#definition.name}"`, [
        { path: '/type', message: `is ${event.type}, which the function does not take (it takes ${taken})` },
      ]);
    }
    return { type: event.type, data: definition.parse(event.data), event };
  }

  emitting(event: CloudEvent): EmitterOptions & Required<Pick<EmitterOptions, 'cause'>> {
    const { definition, telemetry } = this.#runtime;
    const { name, emits } = this.#definition;
    return {
      service: definition.name,
      emits,
      tracer: telemetry.tracer,
      correlationId: event.correlationid ?? event.id,
      cause: { id: event.id, key: `${name}\u0000${event.source}\u0000${event.id}` },
    };
  }

  keyOf(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): DeliveryKey {
    return new Delivery({
      definition: this.#definition,
      decoded,
      traceId: span.spanContext().traceId,
      patienceMs: this.#patienceMs,
      headers,
      businessKey: this.#businessKey(decoded.event),
    });
  }

  log({ id, type, source }: CloudEvent): Logger {
    return this.#runtime.telemetry.logger.child({ function: this.#definition.name, event: { id, type, source } });
  }

  /** Undefined when the function has none, or the data does not fit: then the delivery itself fails and is parked. */
  #businessKey(event: CloudEvent): string | undefined {
    const { businessKey } = this.#definition;
    if (!businessKey) return undefined;
    try {
      return businessKey(this.incoming(event).data);
    } catch {
      return undefined;
    }
  }
}
