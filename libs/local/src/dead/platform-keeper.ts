import { derivedId } from '@ebb/core';
import { encodeStructured, type CloudEvent, type DecodedEvent } from '@ebb/events';
import {
  MAX_REDRIVES,
  type Discarded,
  type Edit,
  type ListOptions,
  type ParkedCounts,
  type ParkedEvent,
  type ParkedFilter,
  type ParkedSummary,
  type RedriveOptions,
} from '@ebb/postgres/parked';
import type { Pool } from 'pg';
import { eventOfRecord } from '../eventing/record-event.ts';
import { PLATFORM } from './dead-id.ts';
import { errorOfLetter } from '@ebb/knative';
import type { Keeper, KeeperEdited, KeeperRedriven } from './keeper.ts';

/** Delivers an event to a URL, once. Undefined when it was taken; else why not. */
export type DeliverTo = (url: string, event: DecodedEvent) => Promise<string | undefined>;

/** Somebody else is just delivering it: for longer than this nobody does. */
const AT_WORK = `interval '2 minutes'`;

const COLUMNS = `id, trigger, event_id, event_type, headers, value, attributes, redrive_count, redriven_at, error, closed_at, closed_as, note, created_at`;

interface LetterRow {
  readonly id: string;
  readonly trigger: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly redrive_count: number;
  readonly redriven_at: Date | null;
  readonly error: string | null;
  readonly closed_at: Date | null;
  readonly closed_as: 'done' | 'discarded' | 'edited' | null;
  readonly note: string | null;
  readonly created_at: Date;
}

/**
 * Dead letters of functions without a database, and of subscribers that are not Ebb's (table `ebb_log.dead_letter`). Nothing remembers their
 * deliveries, so they are sent again from here, straight to where they failed, and closed when they are taken there: at least once.
 */
export class PlatformKeeper implements Keeper {
  readonly name = PLATFORM;
  readonly service = PLATFORM;
  readonly #pool: Pool;
  readonly #deliver: DeliverTo;

  constructor(pool: Pool, deliver: DeliverTo) {
    this.#pool = pool;
    this.#deliver = deliver;
  }

  targetOf(fn: string): string {
    return fn;
  }

  async list({ limit, after, ...filter }: ListOptions): Promise<readonly ParkedSummary[]> {
    const past: [string, unknown][] = after
      ? [
          [`date_trunc('milliseconds', created_at) <= ?`, after.parkedAt],
          [`(date_trunc('milliseconds', created_at) < ? OR id < ${BigInt(after.id)})`, after.parkedAt],
        ]
      : [];
    const rows = await this.#rows(filter, past, `date_trunc('milliseconds', created_at) DESC, id DESC`, limit);
    return rows.map(summaryOf);
  }

  async count(filter: ParkedFilter): Promise<ParkedCounts> {
    const rows = await this.#rows({ ...filter, closed: false }, [], 'id', undefined);
    const redrivable = rows.filter(({ redrive_count }) => redrive_count < MAX_REDRIVES).length;
    return { waiting: rows.length > 0 ? { 'dead-letter': rows.length } : {}, onTheirWay: 0, redrivable };
  }

  async show(row: string): Promise<ParkedEvent | undefined> {
    const letter = await this.#row(row);
    return letter && detailOf(letter);
  }

  async next(filter: ParkedFilter, after: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#rows({ ...filter, closed: false }, [['id > ?', after]], 'id', limit);
    return rows.map(({ id }) => id);
  }

  async redrive(row: string, { force = false }: RedriveOptions): Promise<KeeperRedriven> {
    const letter = await this.#row(row);
    if (!letter) return { id: row, outcome: 'not-found', redrives: 0 };
    const { redrive_count: redrives } = letter;
    const refusal = refusalOf(letter) ?? (redrives >= MAX_REDRIVES && !force ? 'loop-guard' : undefined);
    if (refusal !== undefined) return { id: row, outcome: refusal, redrives };
    if (!(await this.#take(row, force))) return { id: row, outcome: 'on-its-way', redrives };
    const message = await this.#send(letter, eventOf(letter));
    if (message === undefined) await this.#close(row, 'done');
    return message === undefined
      ? { id: row, outcome: 'done', redrives: redrives + 1 }
      : { id: row, outcome: 'failed-again', redrives: redrives + 1, message };
  }

  async edit(row: string, { data, note }: Edit): Promise<KeeperEdited> {
    const letter = await this.#row(row);
    if (!letter) return { id: row, outcome: 'not-found' };
    const refusal = refusalOf(letter);
    const decoded = eventOf(letter);
    if (refusal !== undefined || !decoded) return { id: row, outcome: refusal ?? 'no-event' };
    if (!(await this.#take(row, false))) return { id: row, outcome: 'on-its-way' };
    const event = edited(decoded.event, data);
    const payload = Buffer.from(JSON.stringify(data));
    const message = await this.#send(letter, { event, payload });
    if (message !== undefined) return { id: row, outcome: 'failed-again', message };
    await this.#close(row, 'edited', note);
    return { id: row, outcome: 'edited', eventId: event.id };
  }

  async discard(row: string, note: string): Promise<Discarded> {
    const closed = await this.#close(row, 'discarded', note);
    if (closed) return { id: row, outcome: 'discarded' };
    return { id: row, outcome: (await this.#row(row)) ? 'closed' : 'not-found' };
  }

  async #send(letter: LetterRow, event: DecodedEvent | undefined): Promise<string | undefined> {
    const message = event ? await this.#deliver(letter.attributes.knativeerrordest ?? '', event) : 'it is no event';
    if (message !== undefined) {
      await this.#pool.query('UPDATE ebb_log.dead_letter SET redriven_at = NULL, error = $2 WHERE id = $1', [
        letter.id,
        message,
      ]);
    }
    return message;
  }

  /** False when somebody else has it. */
  async #take(row: string, force: boolean): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `UPDATE ebb_log.dead_letter SET redriven_at = now(), redrive_count = redrive_count + 1
       WHERE id = $1 AND closed_at IS NULL AND ($2 OR redriven_at IS NULL OR redriven_at < now() - ${AT_WORK})`,
      [row, force],
    );
    return rowCount === 1;
  }

  async #close(row: string, as: 'done' | 'discarded' | 'edited', note?: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'UPDATE ebb_log.dead_letter SET closed_at = now(), closed_as = $2, note = $3 WHERE id = $1 AND closed_at IS NULL',
      [row, as, note ?? null],
    );
    return rowCount === 1;
  }

  async #row(id: string): Promise<LetterRow | undefined> {
    const { rows } = await this.#pool.query<LetterRow>(`SELECT ${COLUMNS} FROM ebb_log.dead_letter WHERE id = $1`, [
      id,
    ]);
    return rows[0];
  }

  async #rows(
    { reason, fn, type, key, since, until, closed = false }: ParkedFilter,
    more: readonly (readonly [text: string, value: unknown])[],
    order: string,
    limit: number | undefined,
  ): Promise<readonly LetterRow[]> {
    if (reason !== undefined && reason !== 'dead-letter') return [];
    const conditions = [
      ...(fn === undefined
        ? []
        : [[`starts_with(reverse(attributes ->> 'knativeerrordest'), reverse('/functions/' || ?))`, fn]]),
      ...(type === undefined
        ? []
        : [type.endsWith('*') ? ['starts_with(event_type, ?)', type.slice(0, -1)] : ['event_type = ?', type]]),
      ...(key === undefined ? [] : [[`headers ->> 'ce_partitionkey' = ?`, key]]),
      ...(since === undefined ? [] : [['created_at >= ?', since]]),
      ...(until === undefined ? [] : [['created_at < ?', until]]),
      ...more,
    ] as [string, unknown][];
    const texts = conditions.map(([text], at) => text.replace('?', `$${at + 1}`));
    const { rows } = await this.#pool.query<LetterRow>(
      `SELECT ${COLUMNS} FROM ebb_log.dead_letter WHERE ${[closed ? 'true' : 'closed_at IS NULL', ...texts].join(' AND ')}
       ORDER BY ${order} LIMIT $${conditions.length + 1}`,
      [...conditions.map(([, value]) => value), limit ?? null],
    );
    return rows;
  }
}

function refusalOf(letter: LetterRow): 'closed' | 'no-event' | 'no-destination' | undefined {
  if (letter.closed_at) return 'closed';
  if (letter.attributes.knativeerrordest === undefined) return letter.trigger === '' ? 'no-event' : 'no-destination';
  return eventOf(letter) ? undefined : 'no-event';
}

function eventOf({ headers, value }: LetterRow): DecodedEvent | undefined {
  return eventOfRecord({ key: headers.ce_partitionkey ?? null, headers, value });
}

function edited(old: CloudEvent, data: unknown): CloudEvent {
  const { id, source, correlationid = id } = old;
  return { ...old, id: derivedId([source, id, 'edit'].join('\u0000')), correlationid, causationid: id, data };
}

function summaryOf(row: LetterRow): ParkedSummary {
  const { headers } = row;
  const text = row.error ?? errorOfLetter(row.attributes);
  return {
    id: row.id,
    fn: functionIn(row.attributes.knativeerrordest) ?? row.trigger,
    reason: 'dead-letter',
    state: row.closed_as ?? (row.redriven_at ? 'on-its-way' : 'waiting'),
    message: text.split('\n')[0] ?? '',
    source: headers.ce_source ?? '',
    eventId: row.event_id,
    type: row.event_type,
    attempts: 1,
    redrives: row.redrive_count,
    parkedAt: row.created_at,
    ...(headers.ce_partitionkey !== undefined && { key: headers.ce_partitionkey }),
    ...(row.redriven_at && { redrivenAt: row.redriven_at }),
    ...(row.closed_at && { closedAt: row.closed_at }),
  };
}

function detailOf(row: LetterRow): ParkedEvent {
  const event = eventOf(row)?.event;
  const traceId = /^00-([0-9a-f]{32})-/.exec(event?.traceparent ?? '')?.[1];
  return {
    ...summaryOf(row),
    error: row.error ?? errorOfLetter(row.attributes),
    event: jsonOf(event) ?? { headers: row.headers },
    headers: row.attributes,
    ...(traceId !== undefined && { traceId }),
    ...(row.note !== null && { note: row.note }),
  };
}

/** What was taken leniently may have no form in the JSON format. */
function jsonOf(event: CloudEvent | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    return event && (JSON.parse(encodeStructured(event).body.toString('utf8')) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

/** `orders/confirm`, where the URL is one of a function; else the URL. */
function functionIn(url: string | undefined): string | undefined {
  const [, service, fn] = /^https?:\/\/([^./]+)[^/]*\/functions\/([a-z0-9-]+)$/.exec(url ?? '') ?? [];
  return service !== undefined && fn !== undefined ? `${service}/${fn}` : url;
}
