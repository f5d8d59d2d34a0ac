import pg, { type Pool, type PoolClient, type PoolConfig, type QueryResult } from 'pg';
import type { Query } from './connections.ts';

/** Loaded with the first use of a database: the driver costs a cold start more than everything else of this library. */
export function openPool(config: PoolConfig): Pool {
  const pool = new pg.Pool(config);
  // Without listeners a connection that breaks ends the process. The pool replaces it at the next use, and whoever was
  // using it learns of it from the statement that fails.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/**
 * Sends statements in one message with one Sync, so that they take one round trip and PostgreSQL skips all that follow one that fails. Without
 * a BEGIN among them they are a transaction of their own. A promise per statement; that of one that was skipped fails as the one before it did.
 */
export function sendTogether(client: PoolClient, queries: readonly Query[]): readonly Promise<QueryResult>[] {
  const members: Member[] = [];
  const results = queries.map(
    ({ name, text, values = [] }) =>
      new Promise<QueryResult>((resolve, reject) => {
        const config = { text, values: [...values], ...(name !== undefined && { name }) };
        const callback = (error: Error | undefined | null, result: unknown): void => {
          if (error) reject(error);
          else resolve(result as QueryResult);
        };
        members.push({ query: new pg.Query(config, callback) as unknown as DriverQuery, name, text });
      }),
  );
  const { connection } = client as PoolClient & { readonly connection: Wire };
  const together = new Together(connection, members);
  if (together.isWritable) client.query(together);
  return results;
}

const ignore = (): void => undefined;
const itself = <T>(value: T): T => value;

/** The parts of the driver that it does not declare: what its queries call, and what calls them. */
interface Wire {
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(message: { readonly name?: string }): void;
  bind(message: BindMessage): void;
  describe(message: object): void;
  execute(message: object): void;
  close(message: object): void;
  sync(): void;
}

interface BindMessage {
  readonly values: readonly unknown[];
  readonly valueMapper: (value: unknown) => unknown;
}

interface DriverQuery {
  prepare(wire: Wire): void;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleEmptyQuery(wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
  handleReadyForQuery(wire: Wire): void;
}

interface Member {
  readonly query: DriverQuery;
  readonly name: string | undefined;
  readonly text: string;
}

/** To the driver one query; each answer goes to the statement that it belongs to. */
class Together extends pg.Query {
  readonly #wire: Wire;
  readonly #members: readonly Member[];
  readonly #messages: (() => void)[] = [];
  #unwritable: Error | undefined;
  /** How many are complete: the next one is the one that answers come for. */
  #complete = 0;

  constructor(wire: Wire, members: readonly Member[]) {
    super({ text: members.map(({ text }) => text).join('; ') });
    this.#wire = wire;
    this.#members = members;
    for (const { query } of members) query.prepare(this.#recording());
    if (this.#unwritable) this.handleError(this.#unwritable);
  }

  /** False when a value of a statement cannot be written: then all have failed, before anything was sent. */
  get isWritable(): boolean {
    return this.#unwritable === undefined;
  }

  requiresPreparation(): boolean {
    return true;
  }

  prepare(): void {
    for (const send of this.#messages) send();
    this.#wire.sync();
  }

  handleRowDescription(message: unknown): void {
    this.#current?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#current?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown): void {
    this.#current?.handleCommandComplete(message, this.#wire);
    this.#complete += 1;
  }

  handleEmptyQuery(): void {
    this.#current?.handleEmptyQuery(this.#wire);
    this.#complete += 1;
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

  #written({ values, valueMapper, ...message }: BindMessage): BindMessage {
    try {
      return { ...message, values: values.map(valueMapper), valueMapper: itself };
    } catch (error) {
      this.#unwritable ??= error as Error;
      throw error;
    }
  }

  get #current(): DriverQuery | undefined {
    return this.#members[this.#complete]?.query;
  }

  /** Takes the messages of a statement; the one Sync is sent after the last. */
  #recording(): Wire {
    const { parsedStatements, submittedNamedStatements } = this.#wire;
    const add = (send: (wire: Wire) => void) => {
      this.#messages.push(() => send(this.#wire));
    };
    return {
      parsedStatements,
      submittedNamedStatements,
      // Closed first, because a statement that failed may be there under its name; closing one that is not is no error.
      parse: (message) =>
        add((wire) => {
          if (message.name !== undefined) wire.close({ type: 'S', name: message.name });
          wire.parse(message);
        }),
      bind: (message) => {
        const written = this.#written(message);
        add((wire) => wire.bind(written));
      },
      describe: (message) => add((wire) => wire.describe(message)),
      execute: (message) => add((wire) => wire.execute(message)),
      close: ignore,
      sync: ignore,
    };
  }
}
