import { messageOf, SchemaViolationError, type Logger } from '@ebb/core';
import { payloadSha, type CloudEvent, type DecodedEvent, type EventDefinition } from '@ebb/events';
import type { Transaction } from '@ebb/postgres';
import { continueEvent, inSpan } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';

import type { AnyIncoming, FunctionContext, FunctionDefinition } from '../definition/function.ts';
import { missingDatabase } from './database.ts';
import { withDeadline } from './deadline.ts';
import { Emitter } from './emitter.ts';
import { failureOf, outcomeOfError, outcomeWord, type Outcome } from './outcome.ts';
import { lazily, type ServiceRuntime } from './runtime.ts';

/** The transaction may take this much longer than its handler: it has to be opened and committed. */
const TRANSACTION_SLACK_MS = 5_000;

/** Runs one function on one event after another: trace, deadline, transaction, handler, outcome. */
export class FunctionRunner {
  readonly definition: FunctionDefinition;
  readonly #runtime: ServiceRuntime;
  readonly #events: ReadonlyMap<string, EventDefinition>;

  constructor(definition: FunctionDefinition, runtime: ServiceRuntime) {
    this.definition = definition;
    this.#runtime = runtime;
    this.#events = new Map(definition.on.map((event) => [event.type, event]));
  }

  /** Processes one delivery; `hop` is the traceparent header that it came with. Never rejects. */
  process(decoded: DecodedEvent, hop: string | undefined): Promise<Outcome> {
    const { event } = decoded;
    const { parent, links } = continueEvent(event.traceparent, hop, event.tracestate);
    const options = {
      kind: SpanKind.CONSUMER,
      links,
      attributes: spanAttributes(this.definition.name, event),
      ...(parent && { parent }),
    };
    return inSpan(this.#runtime.telemetry.tracer, `process ${this.definition.name}`, options, async (span) => {
      const outcome = await this.#deliver(decoded, span).catch(outcomeOfError);
      this.#record(span, event, outcome);
      return outcome;
    });
  }

  async #deliver(decoded: DecodedEvent, span: Span): Promise<Outcome> {
    const { database } = this.#runtime;
    const { name, timeoutMs, retry } = this.definition;
    if (!database) {
      await this.#handle(decoded, span, undefined);
      return { outcome: 'done' };
    }
    const { event } = decoded;
    const businessKey = this.#businessKey(event);
    return database.deliver(
      {
        fn: name,
        source: event.source,
        id: event.id,
        payloadSha: payloadSha(decoded),
        event: decoded,
        traceId: span.spanContext().traceId,
        retryBudget: retry.attempts,
        ...(businessKey !== undefined && { businessKey }),
      },
      (tx) => this.#handle(decoded, span, tx),
      { timeoutMs: timeoutMs + TRANSACTION_SLACK_MS },
    );
  }

  async #handle({ event }: DecodedEvent, span: Span, tx: Transaction | undefined): Promise<void> {
    const { name, timeoutMs } = this.definition;
    const incoming = this.#incoming(event);
    const emitter = this.#emitter(event);
    await withDeadline(`function "${name}"`, timeoutMs, (signal) =>
      this.definition.handle(incoming, this.#context(event, span, tx, emitter, signal)),
    );
    if (tx) await emitter.writeTo(tx);
  }

  /** @throws SchemaViolationError for a type that the function does not take, or data that does not fit */
  #incoming(event: CloudEvent): AnyIncoming {
    const definition = this.#events.get(event.type);
    if (!definition) {
      const taken = [...this.#events.keys()].join(', ');
      throw new SchemaViolationError(`event for function "${this.definition.name}"`, [
        { path: '/type', message: `is ${event.type}, which the function does not take (it takes ${taken})` },
      ]);
    }
    return { type: event.type, data: definition.parse(event.data), event };
  }

  /** Undefined when the function has none, or the data does not fit: then the delivery itself fails and is parked. */
  #businessKey(event: CloudEvent): string | undefined {
    const { businessKey } = this.definition;
    if (!businessKey) return undefined;
    try {
      return businessKey(this.#incoming(event).data);
    } catch {
      return undefined;
    }
  }

  #emitter(event: CloudEvent): Emitter {
    const { definition, telemetry } = this.#runtime;
    return new Emitter({
      service: definition.name,
      emits: this.definition.emits,
      tracer: telemetry.tracer,
      correlationId: event.correlationid ?? event.id,
      cause: { id: event.id, key: [this.definition.name, event.source, event.id].join('\u0000') },
    });
  }

  #context(
    event: CloudEvent,
    span: Span,
    tx: Transaction | undefined,
    emitter: Emitter,
    signal: AbortSignal,
  ): FunctionContext {
    const { definition, config } = this.#runtime;
    const log = lazily(() => this.#log(event));
    return {
      db: tx?.db ?? missingDatabase(definition.name),
      emit: emitter.emit,
      after: emitter.after,
      cancel: emitter.cancel,
      get log() {
        return log();
      },
      signal,
      attempt: tx?.attempt ?? 1,
      traceId: span.spanContext().traceId,
      config,
    };
  }

  #log({ id, type, source }: CloudEvent): Logger {
    return this.#runtime.telemetry.logger.child({ function: this.definition.name, event: { id, type, source } });
  }

  #record(span: Span, event: CloudEvent, outcome: Outcome): void {
    span.setAttribute('ebb.outcome', outcomeWord(outcome));
    if (outcome.outcome === 'parked') {
      span.setStatus({ code: SpanStatusCode.ERROR, message: `parked: ${outcome.reason}` });
      this.#log(event).error({ reason: outcome.reason }, 'event parked');
    }
    const error = failureOf(outcome);
    if (!error) return;
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    this.#log(event).warn({ err: error, outcome: outcomeWord(outcome) }, 'event not processed');
  }
}

function spanAttributes(fn: string, event: CloudEvent): Record<string, string> {
  return {
    'ebb.function': fn,
    'cloudevents.event_id': event.id,
    'cloudevents.event_source': event.source,
    'cloudevents.event_type': event.type,
    ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
  };
}
