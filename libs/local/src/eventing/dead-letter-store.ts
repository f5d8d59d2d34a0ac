import { openStorePool } from './store-pool.ts';

/** An event that no delivery could place. */
export interface DeadLetter {
  readonly namespace: string;
  /** Empty for a record that no Trigger could take for an event. */
  readonly trigger: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly eventId: string;
  readonly eventType: string;
  /** The record as it was read: the CloudEvent in Kafka's binary mode. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  /** The `knativeerror…` attributes and what `kne-` headers added. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Why it is here and not at a dead letter sink. */
  readonly reason: 'no-sink' | 'sink-failed' | 'internal-error' | 'no-event';
}

export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
  readonly createdAt: Date;
}

/**
 * Where events stay visible that a cluster would have lost (trap 11).
 * The same event of the same trigger is kept once, however often its delivery is repeated after a restart.
 */
export interface DeadLetterStore {
  add(letter: DeadLetter): Promise<void>;
  list(options?: { readonly trigger?: string; readonly limit?: number }): Promise<readonly StoredDeadLetter[]>;
  /** Those that nobody has closed. */
  count(): Promise<number>;
  close(): Promise<void>;
}

const TABLE = `
create table if not exists ebb_log.dead_letter (
  id bigint generated always as identity primary key,
  namespace text not null,
  trigger text not null,
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  event_id text not null,
  event_type text not null,
  headers jsonb not null,
  value bytea,
  attributes jsonb not null,
  reason text not null,
  created_at timestamptz not null default now(),
  unique (namespace, trigger, topic, partition, record_offset)
);
alter table ebb_log.dead_letter
  add column if not exists redrive_count integer not null default 0,
  add column if not exists redriven_at timestamptz,
  add column if not exists error text,
  add column if not exists closed_at timestamptz,
  add column if not exists closed_as text,
  add column if not exists note text`;

/** Opens the store in PostgreSQL (table `ebb_log.dead_letter`). @throws when the database cannot be reached */
export async function openDeadLetterStore({ url }: { readonly url: string }): Promise<DeadLetterStore> {
  const pool = await openStorePool(url, TABLE);
  return {
    close: () => pool.end(),
    async add(letter) {
      const { namespace, trigger, topic, partition, offset, eventId, eventType } = letter;
      const { headers, value, attributes, reason } = letter;
      await pool.query(
        `insert into ebb_log.dead_letter
           (namespace, trigger, topic, partition, record_offset, event_id, event_type, headers, value, attributes, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (namespace, trigger, topic, partition, record_offset) do update
           set attributes = excluded.attributes, reason = excluded.reason, created_at = now()`,
        [namespace, trigger, topic, partition, offset, eventId, eventType, headers, value, attributes, reason],
      );
    },
    async list({ trigger, limit = 100 } = {}) {
      const { rows } = await pool.query<DeadLetterRow>(
        `select ${COLUMNS} from ebb_log.dead_letter where $1::text is null or trigger = $1 order by id desc limit $2`,
        [trigger ?? null, limit],
      );
      return rows.map(fromRow);
    },
    async count() {
      const { rows } = await pool.query<{ count: string }>(
        'select count(*) from ebb_log.dead_letter where closed_at is null',
      );
      return Number(rows[0]?.count ?? 0);
    },
  };
}

const COLUMNS = `id, namespace, trigger, topic, partition, record_offset, event_id, event_type, headers, value, attributes, reason, created_at`;

interface DeadLetterRow {
  readonly id: string;
  readonly namespace: string;
  readonly trigger: string;
  readonly topic: string;
  readonly partition: number;
  readonly record_offset: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly reason: DeadLetter['reason'];
  readonly created_at: Date;
}

function fromRow(row: DeadLetterRow): StoredDeadLetter {
  const { record_offset, event_id, event_type, created_at, ...same } = row;
  return { ...same, offset: BigInt(record_offset), eventId: event_id, eventType: event_type, createdAt: created_at };
}
