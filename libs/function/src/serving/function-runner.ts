import type { IncomingHttpHeaders } from 'node:http';

import type { CloudEvent, DecodedEvent } from '@ebb/events';
import type { DryRun, Transaction, TransactionOptions } from '@ebb/postgres';
import { continueEvent, inSpan, type OpenSpan } from '@ebb/telemetry';
import type { Span } from '@opentelemetry/api';

import type { FunctionDefinition } from '../definition/function.ts';
import { deliverLeased } from './deliver-leased.ts';
import { Handling } from './handling.ts';
import { answerOf, outcomeOfError, type Outcome } from './outcome.ts';
import { closeProcessSpan, openProcessSpan } from './process-span.ts';
import type { ServiceRuntime } from './runtime.ts';

/** The transaction may take this much longer than its handler: it has to be opened and committed. */
const TRANSACTION_SLACK_MS = 5_000;

/** Runs one function on one event after another: trace, deadline, transaction, handler, outcome. */
export class FunctionRunner {
  readonly definition: FunctionDefinition;
  readonly #runtime: ServiceRuntime;
  readonly #handling: Handling;
  readonly #transactionOptions: TransactionOptions;

  constructor(definition: FunctionDefinition, runtime: ServiceRuntime) {
    this.definition = definition;
    this.#runtime = runtime;
    this.#handling = new Handling(definition, runtime);
    this.#transactionOptions = { timeoutMs: definition.timeoutMs + TRANSACTION_SLACK_MS };
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
        delivery: this.#handling.keyOf(decoded, span, {}),
        run: (tx) => within(() => this.#handling.run(definition, decoded.event, span, tx)),
      })),
      this.#transactionOptions,
    );
    opened.forEach(({ decoded, span, within }, at) => {
      const result = results[at] ?? done();
      // Only what is logged has to know where it belongs.
      if (result.outcome === 'done') this.#close(span, decoded.event, result);
      else within(() => this.#close(span, decoded.event, result));
    });
    return results.find((result) => answerOf(definition.name, result)) ?? done();
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
      database.dryRun(async (tx) => this.#handling.run(definition, event, span, tx), this.#transactionOptions),
    );
  }

  /** One after the other, to the first that fails: no event overtakes one that stands before it. */
  async #processInTurn(batch: readonly DecodedEvent[], hop: string | undefined): Promise<Outcome> {
    for (const decoded of batch) {
      const outcome = await this.process(decoded, hop);
      if (answerOf(this.definition.name, outcome)) return outcome;
    }
    return done();
  }

  async #run(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): Promise<Outcome> {
    let outcome: Outcome;
    try {
      outcome = await this.#deliver(decoded, span, headers);
    } catch (error) {
      outcome = outcomeOfError(error);
    }
    this.#close(span, decoded.event, outcome);
    return outcome;
  }

  #deliver(decoded: DecodedEvent, span: Span, headers: IncomingHttpHeaders): Promise<Outcome> {
    const { definition } = this;
    const { database } = this.#runtime;
    const keyOf = () => this.#handling.keyOf(decoded, span, headers);
    if (definition.mode === 'leased') return deliverLeased(definition, this.#runtime, this.#handling, keyOf());
    const handle = (tx?: Transaction) => this.#handling.run(definition, decoded.event, span, tx);
    return database ? database.deliver(keyOf(), handle, this.#transactionOptions) : handle().then(done);
  }

  #openSpan(event: CloudEvent, hop: string | undefined): OpenSpan {
    return openProcessSpan(this.#runtime.telemetry.tracer, this.definition.name, event, hop);
  }

  #close(span: Span, event: CloudEvent, outcome: Outcome): void {
    closeProcessSpan(span, this.definition.name, event, outcome, () => this.#handling.log(event));
  }
}

const done = (): Outcome => ({ outcome: 'done' });
