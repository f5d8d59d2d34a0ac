import { EbbError } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import type { Pool, PoolClient, PoolConfig, QueryResult } from 'pg';
import type { sendTogether } from './driver.ts';
import { fromConnection } from './outage.ts';
import { inStatementSpan } from './statement-span.ts';
import type { DatabaseOptions } from './open-database.ts';

const DEFAULT_MAX_CONNECTIONS = 10;
/** Covers both making a connection and waiting for a free one. */
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;

/** A statement with a name is prepared once per connection. */
export interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** What its span is called, where the text does not say it. */
  readonly span?: string;
  /** Has no span: it says nothing to people. */
  readonly untraced?: boolean;
}

/** The pool of a service. Neither the driver is loaded nor a connection made before the first use: both cost a cold start. */
export class Connections {
  readonly tracer: Tracer | undefined;
  readonly #config: PoolConfig;
  #pool: Promise<Pool> | undefined;
  #sendTogether: typeof sendTogether | undefined;
  #closed = false;

  constructor({ url, schema, tracer, maxConnections = DEFAULT_MAX_CONNECTIONS }: DatabaseOptions) {
    this.tracer = tracer;
    this.#config = {
      ...connectionOf(url.reveal(), schema),
      max: maxConnections,
      application_name: `ebb-${schema}`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      // Statements that do not wait for each other share a round trip: BEGIN with the first, the outbox with COMMIT.
      pipeline: true,
    };
  }

  async connect(): Promise<PoolClient> {
    const pool = await this.#open();
    try {
      return await pool.connect();
    } catch (error) {
      throw fromConnection(error);
    }
  }

  /**
   * Sends statements to a connection of {@link connect} in one round trip. Those that follow one that fails are skipped. Without a BEGIN among
   * them they are one transaction.
   */
  together(client: PoolClient, queries: readonly Query[]): readonly Promise<QueryResult>[] {
    if (!this.#sendTogether) throw new TypeError('this connection is not of this pool');
    return this.#sendTogether(client, queries, this.tracer);
  }

  /** Runs a statement outside of a transaction. */
  async query<Row extends object>(query: Query): Promise<Row[]> {
    const pool = await this.#open();
    return inStatementSpan(
      this.tracer,
      query.text,
      async () => (await pool.query<Row>(driverQuery(query))).rows,
      query.span,
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await (await this.#pool)?.end();
  }

  async #load(): Promise<Pool> {
    const driver = await import('./driver.ts');
    this.#sendTogether = driver.sendTogether;
    return driver.openPool(this.#config);
  }

  #open(): Promise<Pool> {
    if (this.#closed) return Promise.reject(new EbbError('EBB_RUNTIME', 'the database was closed'));
    return (this.#pool ??= this.#load());
  }
}

/** The driver changes the array of values that it is given. */
export function driverQuery({ name, text, values = [] }: Query): { name?: string; text: string; values: unknown[] } {
  return { text, values: [...values], ...(name !== undefined && { name }) };
}

/**
 * The schema becomes the search path, and PostgreSQL looks whether the client is still there while a statement runs: a
 * process that was killed must not hold its locks until the statement ends by itself.
 */
function connectionOf(url: string, schema: string): Pick<PoolConfig, 'connectionString' | 'options'> {
  const parsed = new URL(url);
  const given = parsed.searchParams.get('options');
  parsed.searchParams.delete('options');
  const searchPath = `"${schema.replaceAll('"', '""')}"`.replace(/[\s\\]/g, '\\$&');
  const options = [given, `-c search_path=${searchPath}`, '-c client_connection_check_interval=500ms'];
  return { connectionString: parsed.href, options: options.filter((option) => option !== null).join(' ') };
}
