import { OrderConfirmed } from '@ebb/schemas';
import pg from 'pg';
import { nextEventNumber } from './load.ts';

const SCHEMA = 'statement';
const HASH = 'a'.repeat(64);
const TRACE = 'b'.repeat(32);

/** What an effect exactly once has to write at the least: who was here, and what follows from it. */
const STATEMENT = `
WITH asked AS (
  SELECT * FROM unnest($1::text[], $2::text[]) AS a (event_id, event)
), claimed AS (
  INSERT INTO ${SCHEMA}.inbox (fn, source, event_id, status, payload_sha, trace_id, expires_at)
  SELECT 'take', '/bench', event_id, 'done', $3, $4, now() + interval '14 days' FROM asked
  ON CONFLICT DO NOTHING RETURNING event_id
)
INSERT INTO ${SCHEMA}.outbox (shard, partition_key, topic, event, cause_id)
SELECT 0, event_id, 'orders', event::json, event_id FROM asked JOIN claimed USING (event_id)`;

/**
 * The statement of a handler that emits, sent by a driver that has nothing else to do: no HTTP, no event to read, no trace. More than this nothing
 * can make of PostgreSQL.
 */
export class BareStatement {
  static readonly SCHEMA = SCHEMA;
  readonly #clients: readonly pg.Client[];

  private constructor(clients: readonly pg.Client[]) {
    this.#clients = clients;
  }

  static async open(url: string, connections: number): Promise<BareStatement> {
    const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
    await Promise.all(clients.map((client) => client.connect()));
    return new BareStatement(clients);
  }

  /** Sends so many statements, one after the other on each connection; how long all of them took, in milliseconds. */
  async send(statements: number, events: number): Promise<number> {
    let left = statements;
    const started = performance.now();
    await Promise.all(
      this.#clients.map(async (client) => {
        for (; left > 0;) {
          left -= 1;
          await client.query({ name: 'effect', text: STATEMENT, values: valuesOf(events) });
        }
      }),
    );
    return performance.now() - started;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
  }
}

function valuesOf(events: number): unknown[] {
  const first = nextEventNumber(events);
  const ids = Array.from({ length: events }, (_, at) => `bare-${first + at}`);
  return [ids, ids.map(eventOf), HASH, TRACE];
}

const DATA = JSON.stringify(OrderConfirmed.example);

/** As long as one that a function emits. */
function eventOf(id: string): string {
  const attributes = `"specversion":"1.0","id":"${id}","source":"/svc/emitting","type":"${OrderConfirmed.type}"`;
  return `{${attributes},"partitionkey":"${id}","traceparent":"00-${TRACE}-${TRACE.slice(16)}-01","data":${DATA}}`;
}
