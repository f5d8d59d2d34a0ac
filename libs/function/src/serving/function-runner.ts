import type { IncomingHttpHeaders } from 'node:http';

import { messageOf, SchemaViolationError, type Logger } from '@ebb/core';
import { payloadSha, type CloudEvent, type DecodedEvent, type EventDefinition } from '@ebb/events';
import type {
  Database,
  DeliveryKey,
  DeliveryResult,
  DryRun,
  LeasedDelivery,
  LeaseEnd,
  ParkReason,
  Transaction,
  TransactionOptions,
} from '@ebb/postgres';
import { continueEvent, inSpan, openSpan, type OpenSpan } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';

import type {
  AnyIncoming,
  FunctionContext,
  FunctionDefinition,
  LeasedFunctionDefinition,
  TransactionalFunctionDefinition,
} from '../definition/function.ts';
import { missingDatabase, noDatabaseError } from './database.ts';
import { Deadlines, type Deadline } from './deadline.ts';
import { Emitter, type EmitterOptions } from './emitter.ts';
import { keptHeaders } from './kept-headers.ts';
import { answerOf, failureOf, outcomeOfError, outcomeWord, type Outcome } from './outcome.ts';
import { patienceOf } from './patience.ts';
import { lazily, type ServiceRuntime } from './runtime.ts';

/** The transaction may take this much longer than its handler: it has to be opened and committed. */
const TRANSACTION_SLACK_MS = 5_000;

/** Runs one function on one event after another: trace, deadline, transaction, handler, outcome. */
export class FunctionRunner {
  readonly definition: FunctionDefinition;
  readonly #runtime: ServiceRuntime;
  readonly #events: ReadonlyMap<string, EventDefinition>;
  readonly #spanName: string;
  readonly #deadlines: Deadlines;
  readonly #transactionOptions: TransactionOptions;
  readonly #patienceMs: number;

  constructor(definition: FunctionDefinition, runtime: ServiceRuntime) {
    this.definition = definition;
    this.#runtime = runtime;
    this.#events = new Map(definition.on.map((event) => [event.type, event]));
    this.#spanName = `process ${definition.name}`;
    this.#deadlines = new Deadlines(`function "${definition.name}"`, definition.timeoutMs);
    this.#transactionOptions = { timeoutMs: definition.timeoutMs + TRANSACTION_SLACK_MS };
    this.#patienceMs = patienceOf(definition);
  }

  /** Processes one delivery; `hop` is the traceparent header that it came with. Never rejects. */
  process(decoded: DecodedEvent, hop: string | undefined, headers: IncomingHttpHeaders = {}): Promise<Outcome> {
    const { span, within } = this.#openSpan(decoded.event, hop);
    return within(() => this.#run(decoded, span, headers));
  }

  /**
   * Processes the events of one message: with a database in few transactions, each event in a trace of its own. Gives the first outcome that the
   * sender has to hear of: it repeats the batch, and what took effect is skipped. Never rejects.
   */
  async processBatch(batch: readonly DecodedEvent[], hop: string | undefined): Promise<Outcome> {
    const { definition } = this;
    const { database } = this.#runtime;
    if (definition.mode === 'leased' || !database) return this.#processInTurn(batch, hop);
    const opened = batch.map((decoded) => ({ decoded, ...this.#openSpan(decoded.event, hop) }));
    const results = await database.deliverBatch(
      opened.map(({ decoded, span, within }) => ({
        delivery: this.#keyOf(decoded, span, {}),
        run: (tx) => within(() => this.#handle(definition, decoded.event, span, tx)),
      })),
      this.#transactionOptions,
    );
    opened.forEach(({ decoded, span, within }, at) => {
      within(() => this.#record(span, decoded.event, results[at] ?? done()));
      span.end();
    });
    return results.find((result) => answerOf(definition.name, result)) ?? done();
  }

  /** One after the other, to the first that fails: no event overtakes one that stands before it. */
  async #processInTurn(batch: readonly DecodedEvent[], hop: string | undefined): Promise<Outcome> {
    for (const decoded of batch) {
      const outcome = await this.process(decoded, hop);
      if (answerOf(this.definition.name, outcome)) return outcome;
    }
    return done();
  }

  #openSpan(event: CloudEvent, hop: string | undefined): OpenSpan {
    const { parent, links } = continueEvent(event.traceparent, hop, event.tracestate);
    const attributes = spanAttributes(this.definition.name, event);
    const options = { kind: SpanKind.CONSUMER, links, attributes, ...(parent && { parent }) };
    return openSpan(this.#runtime.telemetry.tracer, this.#spanName, options);
  }

  /**
   * Runs the handler on an event and rolls back, in a trace of its own. Undefined where that is not possible: effects go outside, or there is no
   * database that could take them back.
   */
  async dryRun({ event }: DecodedEvent): Promise<DryRun | undefined> {
    const { definition } = this;
    const { database, telemetry } = this.#runtime;
    if (definition.mode === 'leased' || !database) return undefined;
    const { links } = continueEvent(event.traceparent, undefined, event.tracestate);
    // Not as `cloudevents.event_id`: the event's own trace is the one of what took effect.
    const options = { root: true, links, attributes: { 'ebb.function': definition.name, 'ebb.dry_run_of': event.id } };
    return inSpan(telemetry.tracer, `dry-run ${definition.name}`, options, (span) =>
      database.dryRun(async (tx) => this.#handle(definition, event, span, tx), this.#transactionOptions),
    );
  }

  async #run(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): Promise<Outcome> {
    let outcome: Outcome;
    try {
      outcome = await this.#deliver(decoded, span, headers);
    } catch (error) {
      outcome = outcomeOfError(error);
    }
    this.#record(span, decoded.event, outcome);
    span.end();
    return outcome;
  }

  #deliver(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): Promise<Outcome> {
    const { definition } = this;
    const { database } = this.#runtime;
    if (definition.mode === 'leased') return this.#deliverLeased(definition, decoded, span, headers);
    if (!database) return this.#handle(definition, decoded.event, span, undefined).then(done);
    return database.deliver(
      this.#keyOf(decoded, span, headers),
      (tx) => this.#handle(definition, decoded.event, span, tx),
      this.#transactionOptions,
    );
  }

  async #deliverLeased(
    definition: LeasedFunctionDefinition,
    decoded: DecodedEvent,
    span: Span,
    headers: IncomingHttpHeaders,
  ): Promise<Outcome> {
    const { definition: service, database } = this.#runtime;
    if (!database) throw noDatabaseError(service.name);
    const key = this.#keyOf(decoded, span, headers);
    const { event } = decoded;
    const awaited = definition.waitsFor.find(({ type }) => type === event.type);
    if (awaited) return signalled(database, key, awaited, event);
    return database.lease(key, definition.leaseMs, (leased) =>
      this.#handleLeased(definition, event, span, leased, database),
    );
  }

  #keyOf(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): DeliveryKey {
    const { event } = decoded;
    const businessKey = this.#businessKey(event);
    return {
      fn: this.definition.name,
      source: event.source,
      id: event.id,
      payloadSha: payloadSha(decoded),
      event: decoded,
      traceId: span.spanContext().traceId,
      retryBudget: this.definition.retry.attempts,
      order: this.definition.order,
      patienceMs: this.#patienceMs,
      // Only a delivery that is parked needs them.
      get headers() {
        return keptHeaders(headers);
      },
      ...(businessKey !== undefined && { businessKey }),
    };
  }

  #handle(
    definition: TransactionalFunctionDefinition,
    event: CloudEvent,
    span: Span,
    tx: Transaction | undefined,
  ): Promise<void> {
    const incoming = this.#incoming(event);
    const emitter = new Emitter(this.#emitting(event));
    const handled = this.#deadlines.run((deadline) =>
      definition.handle(incoming, this.#context(event, span, tx, emitter, deadline)),
    );
    const { onPoint } = this.#runtime;
    const passed = onPoint ? handled.then(() => onPoint('handled')) : handled;
    return tx ? passed.then(() => emitter.writeTo(tx)) : passed;
  }

  async #handleLeased(
    definition: LeasedFunctionDefinition,
    event: CloudEvent,
    span: Span,
    leased: LeasedDelivery,
    database: Database,
  ): Promise<LeaseEnd> {
    const log = lazily(() => this.#log(event));
    const { handleLeased } = await import('../leased/handle-leased.ts');
    return handleLeased({
      definition,
      database,
      leased,
      incoming: this.#incoming(event),
      emitter: this.#emitting(event),
      common: {
        get log() {
          return log();
        },
        traceId: span.spanContext().traceId,
        config: this.#runtime.config,
      },
      ...(this.#runtime.onPoint && { onPoint: this.#runtime.onPoint }),
    });
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

  #emitting(event: CloudEvent): EmitterOptions & Required<Pick<EmitterOptions, 'cause'>> {
    const { definition, telemetry } = this.#runtime;
    return {
      service: definition.name,
      emits: this.definition.emits,
      tracer: telemetry.tracer,
      correlationId: event.correlationid ?? event.id,
      cause: { id: event.id, key: [this.definition.name, event.source, event.id].join('\u0000') },
    };
  }

  #context(
    event: CloudEvent,
    span: Span,
    tx: Transaction | undefined,
    emitter: Emitter,
    deadline: Deadline,
  ): FunctionContext {
    const { definition, config } = this.#runtime;
    const log = lazily(() => this.#log(event));
    // What has its price is got when it is asked for: a logger, a signal, and the attempt, which takes a claim first.
    return {
      db: tx?.db ?? missingDatabase(definition.name),
      emit: emitter.emit,
      after: emitter.after,
      cancel: emitter.cancel,
      get log() {
        return log();
      },
      get signal() {
        return deadline.signal;
      },
      get attempt() {
        return tx?.attempt ?? 1;
      },
      traceId: span.spanContext().traceId,
      config,
    };
  }

  #log({ id, type, source }: CloudEvent): Logger {
    return this.#runtime.telemetry.logger.child({ function: this.definition.name, event: { id, type, source } });
  }

  #record(span: Span, event: CloudEvent, outcome: Outcome): void {
    span.setAttribute('ebb.outcome', outcomeWord(outcome));
    if (outcome.outcome === 'parked' && goesOnByItself(outcome.reason)) {
      this.#log(event).info({ reason: outcome.reason }, 'event parked for now');
    } else if (outcome.outcome === 'parked') {
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

/** Nobody has to do anything about it: its time comes, or its turn. */
function goesOnByItself(reason: ParkReason): boolean {
  return reason === 'delayed' || reason === 'behind';
}

const done = (): Outcome => ({ outcome: 'done' });

function spanAttributes(fn: string, event: CloudEvent): Record<string, string> {
  return {
    'ebb.function': fn,
    'cloudevents.event_id': event.id,
    'cloudevents.event_source': event.source,
    'cloudevents.event_type': event.type,
    ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
  };
}

/** An event that the function waits for. One that does not fit is parked, as any other. */
function signalled(
  database: Database,
  key: DeliveryKey,
  awaited: EventDefinition,
  event: CloudEvent,
): Promise<DeliveryResult> {
  const subjectOf = () => awaited.key(awaited.parse(event.data));
  try {
    return database.signal(key, { type: awaited.type, key: subjectOf() });
  } catch {
    // What it threw, thrown where it is settled.
    return database.deliver(key, () => Promise.resolve(subjectOf()));
  }
}
