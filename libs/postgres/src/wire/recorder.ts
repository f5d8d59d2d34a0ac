import pg from 'pg';
import type { BindMessage, Member, Wire } from './wire.ts';

const wire = pg.Connection.prototype as unknown as Wire;

const ignore = (): void => undefined;
const itself = <T>(value: T): T => value;

/** Takes the bytes of messages where a query would have them sent; they are sent together, with one Sync after the last. */
export class Recorder {
  readonly parsedStatements: Wire['parsedStatements'];
  readonly submittedNamedStatements: Wire['submittedNamedStatements'];
  readonly #descriptions: ReadonlyMap<string, unknown>;
  readonly #bytes: Buffer[] = [];
  #name: string | undefined;
  #unwritable: Error | undefined;

  constructor({ parsedStatements, submittedNamedStatements }: Wire, descriptions: ReadonlyMap<string, unknown>) {
    this.parsedStatements = parsedStatements;
    this.submittedNamedStatements = submittedNamedStatements;
    this.#descriptions = descriptions;
  }

  /** Why a value of a statement cannot be written. */
  get unwritable(): Error | undefined {
    return this.#unwritable;
  }

  /** True when its rows are known, and PostgreSQL was not asked. */
  record({ query, name }: Member): boolean {
    this.#name = name !== undefined && this.#descriptions.has(name) ? name : undefined;
    query.prepare(this);
    return this.#name !== undefined;
  }

  end(): Buffer {
    wire.sync.call(this);
    return Buffer.concat(this.#bytes);
  }

  /** What the driver's own connection does with the bytes of a message. */
  _send(bytes: Buffer): void {
    this.#bytes.push(bytes);
  }

  /** Closed first, because a statement that failed may be there under its name; closing one that is not is no error. */
  parse(message: { readonly name?: string }): void {
    this.#name = undefined;
    if (message.name !== undefined) wire.close.call(this, { type: 'S', name: message.name });
    wire.parse.call(this, message);
  }

  /** Its values are made text first: one that cannot be must not leave half a message behind. */
  bind({ values, valueMapper, ...message }: BindMessage): void {
    let written: unknown[];
    try {
      written = values.map(valueMapper);
    } catch (error) {
      this.#unwritable ??= error as Error;
      throw error;
    }
    wire.bind.call(this, { ...message, values: written, valueMapper: itself });
  }

  describe(message: object): void {
    if (this.#name === undefined) wire.describe.call(this, message);
  }

  execute(message: object): void {
    wire.execute.call(this, message);
  }

  close = ignore;
  sync = ignore;
}
