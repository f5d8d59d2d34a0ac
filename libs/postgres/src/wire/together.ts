import pg from 'pg';
import { Recorder } from './recorder.ts';
import type { Member, Wire } from './wire.ts';

/** What the rows of a prepared statement look like does not change, so it is asked for once; null: it has none. */
const descriptionsOf = new WeakMap<Wire, Map<string, unknown>>();

/** To the driver one query; each answer goes to the statement that it belongs to. */
export class Together extends pg.Query {
  readonly #wire: Wire;
  readonly #members: readonly Member[];
  readonly #descriptions: Map<string, unknown>;
  /** Of each statement, whether its rows are known. */
  readonly #isKnown: readonly boolean[];
  readonly #recorder: Recorder;
  /** How many are complete: the next one is the one that answers come for. */
  #complete = 0;
  #isDescribed = false;

  constructor(connection: Wire, members: readonly Member[]) {
    super({ text: 'together' });
    this.#wire = connection;
    this.#members = members;
    this.#descriptions = descriptionsOf.get(connection) ?? new Map<string, unknown>();
    descriptionsOf.set(connection, this.#descriptions);
    const recorder = new Recorder(connection, this.#descriptions);
    this.#recorder = recorder;
    this.#isKnown = members.map((member) => recorder.record(member));
    if (recorder.unwritable) this.handleError(recorder.unwritable);
  }

  /** False when a value of a statement cannot be written: then all have failed, before anything was sent. */
  get isWritable(): boolean {
    return this.#recorder.unwritable === undefined;
  }

  requiresPreparation(): boolean {
    return true;
  }

  prepare(): void {
    const { stream } = this.#wire;
    if (stream.writable) stream.write(this.#recorder.end());
  }

  handleRowDescription(message: unknown): void {
    this.#describe(message);
  }

  handleDataRow(message: unknown): void {
    this.#describeAsKnown();
    this.#current?.query.handleDataRow(message);
  }

  handleCommandComplete(message: unknown): void {
    this.#describeAsKnown();
    const { query, name } = this.#current ?? {};
    if (name !== undefined && !this.#isDescribed) this.#descriptions.set(name, null);
    query?.handleCommandComplete(message, this.#wire);
    this.#advance();
  }

  handleEmptyQuery(): void {
    this.#current?.query.handleEmptyQuery(this.#wire);
    this.#advance();
  }

  handleReadyForQuery(): void {
    for (const { name, text } of this.#members) if (name !== undefined) this.#wire.parsedStatements[name] = text;
    for (const { query } of this.#members) query.handleReadyForQuery(this.#wire);
  }

  /** An error after the last statement is that of the commit: then none of them holds. */
  handleError(error: Error): void {
    const isCommit = this.#complete === this.#members.length;
    this.#members.forEach(({ query, name, text }, nth) => {
      const isDone = nth < this.#complete;
      if (name !== undefined && isDone) this.#wire.parsedStatements[name] = text;
      // Whether PostgreSQL has parsed it is not known.
      else if (name !== undefined) Reflect.deleteProperty(this.#wire.submittedNamedStatements, name);
      if (isDone && !isCommit) query.handleReadyForQuery(this.#wire);
      else query.handleError(error, this.#wire);
    });
  }

  get #current(): Member | undefined {
    return this.#members[this.#complete];
  }

  #advance(): void {
    this.#complete += 1;
    this.#isDescribed = false;
  }

  #describe(description: unknown): void {
    const { query, name } = this.#current ?? {};
    this.#isDescribed = true;
    if (name !== undefined) this.#descriptions.set(name, description);
    query?.handleRowDescription(description);
  }

  #describeAsKnown(): void {
    const name = this.#current?.name;
    if (this.#isDescribed || name === undefined || this.#isKnown[this.#complete] !== true) return;
    const known = this.#descriptions.get(name);
    if (known !== null) this.#describe(known);
  }
}
