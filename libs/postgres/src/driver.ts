import pg, { type Pool, type PoolClient, type PoolConfig, type QueryResult } from 'pg';
import type { Tracer } from '@opentelemetry/api';
import type { Query } from './connections.ts';
import { fromConnection } from './outage.ts';
import { endStatementSpan, startStatementSpan } from './statement-span.ts';
import { Together } from './wire/together.ts';
import type { DriverQuery, Member, Wire } from './wire/wire.ts';

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
export function sendTogether(
  client: PoolClient,
  queries: readonly Query[],
  tracer: Tracer | undefined,
): readonly Promise<QueryResult>[] {
  const members: Member[] = [];
  const results = queries.map(
    (query) => new Promise<QueryResult>((resolve, reject) => members.push(memberOf(query, tracer, resolve, reject))),
  );
  const { connection } = client as PoolClient & { readonly connection: Wire };
  const together = new Together(connection, members);
  if (together.isWritable) client.query(together);
  return results;
}

function memberOf(
  { name, text, values = [], span: spanName, untraced }: Query,
  tracer: Tracer | undefined,
  resolve: (result: QueryResult) => void,
  reject: (error: Error) => void,
): Member {
  const span = tracer && untraced !== true ? startStatementSpan(tracer, text, spanName) : undefined;
  const callback = (error: Error | undefined | null, result: unknown): void => {
    if (span) endStatementSpan(span, error ?? undefined);
    if (error) reject(fromConnection(error));
    else resolve(result as QueryResult);
  };
  const config = { text, values: [...values], ...(name !== undefined && { name }) };
  return { query: new pg.Query(config, callback) as unknown as DriverQuery, name, text };
}

const ignore = (): void => undefined;
