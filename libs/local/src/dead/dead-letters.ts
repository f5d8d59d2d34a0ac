import { HttpProblem, type Json } from '@ebb/core';
import type { ParkedEvent, ParkedFilter, ParkedSummary } from '@ebb/postgres/parked';
import type {
  DeadCounts,
  DeadDetail,
  DeadFilter,
  DeadPage,
  DeadSummary,
  EditReceipt,
  RedrivePage,
  RedriveRequest,
  RedriveResult,
} from '../control/dead-api.ts';
import { closest } from '../eventing/closest.ts';
import { afterFor, cursorText, parseCursor } from './cursor.ts';
import { deadIdOf, parseDeadId } from './dead-id.ts';
import type { Keeper } from './keeper.ts';
import { refuse } from './refusals.ts';

const MAX_PAGE = 500;
const MAX_REDRIVES_AT_ONCE = 100;
/** PostgreSQL: lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Checks a payload before it is sent in the place of another. @throws HttpProblem 422 */
export type CheckEdit = (event: ParkedEvent, data: Json) => Promise<void>;

interface Page {
  readonly limit?: number;
  readonly cursor?: string;
}

/** What did not take effect, wherever it is kept, as one list: services' parked events and the platform's dead letters. */
export class DeadLetters {
  readonly #keepers: () => readonly Keeper[];
  readonly #check: CheckEdit;
  readonly #functions: () => readonly string[];

  /** `keepers` is asked each time, and so is `functions` (`orders/confirm-order`, …): services come and go. */
  constructor(keepers: () => readonly Keeper[], check: CheckEdit, functions: () => readonly string[]) {
    this.#keepers = keepers;
    this.#check = check;
    this.#functions = functions;
  }

  async list(filter: DeadFilter, { limit = 50, cursor }: Page): Promise<DeadPage> {
    await this.#assertFunction(filter);
    const size = Math.min(limit, MAX_PAGE);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    const lists = await Promise.all(
      this.#matching(filter).map(async (keeper) => {
        const from = after && { after: afterFor(keeper.name, after) };
        const rows = await keeper.list({ ...filterOf(filter), limit: size + 1, ...from });
        return rows.map((row) => ({ row, keeper }));
      }),
    );
    const all = lists.flat().sort(newestFirst);
    const page = all.slice(0, size);
    const last = page.at(-1);
    return {
      items: page.map(({ row, keeper }) => summaryOf(row, keeper)),
      ...(last &&
        all.length > size && {
          next: cursorText({ keeper: last.keeper.name, row: last.row.id, parkedAt: last.row.parkedAt }),
        }),
    };
  }

  async count(filter: DeadFilter): Promise<DeadCounts> {
    await this.#assertFunction(filter);
    const counts = await Promise.all(this.#matching(filter).map((keeper) => keeper.count(filterOf(filter))));
    const waiting: Partial<Record<string, number>> = {};
    for (const [reason, count] of counts.flatMap((each) => Object.entries(each.waiting))) {
      waiting[reason] = (waiting[reason] ?? 0) + count;
    }
    const sum = (of: 'onTheirWay' | 'redrivable'): number => counts.reduce((total, each) => total + each[of], 0);
    return { waiting, onTheirWay: sum('onTheirWay'), redrivable: sum('redrivable') };
  }

  /** @throws HttpProblem 400, 404 */
  async show(id: string): Promise<DeadDetail> {
    const { keeper, event } = await this.find(id);
    const { error, headers, traceId, businessKey, replaces, note } = event;
    return {
      ...summaryOf(event, keeper),
      error,
      event: event.event as Readonly<Record<string, Json>>,
      headers,
      ...(traceId !== undefined && { traceId }),
      ...(businessKey !== undefined && { businessKey }),
      ...(replaces !== undefined && { replaces: deadIdOf({ keeper: keeper.name, row: replaces }) }),
      ...(note !== undefined && { note }),
    };
  }

  /** @throws HttpProblem 400, 404, 409, 502 */
  async redrive(id: string, force: boolean): Promise<RedriveResult> {
    const { keeper, row } = this.#locate(id);
    const redriven = await unlessBusy(id, () => keeper.redrive(row, { force }));
    if (redriven.outcome !== 'redriven' && redriven.outcome !== 'done') refuse(id, redriven);
    return { ...redriven, id };
  }

  /** The next ones that match, the oldest of each keeper first. What cannot be sent says why, and stops nothing. */
  async redriveNext({
    force = false,
    limit = MAX_REDRIVES_AT_ONCE,
    after,
    ...filter
  }: RedriveRequest): Promise<RedrivePage> {
    await this.#assertFunction(filter);
    const most = Math.min(limit, MAX_REDRIVES_AT_ONCE);
    const last = after === undefined ? undefined : parseDeadId(after);
    const keepers = this.#matching(filter)
      .filter(({ name }) => last === undefined || name >= last.keeper)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const results: RedriveResult[] = [];
    for (const keeper of keepers) {
      const from = last?.keeper === keeper.name ? last.row : '0';
      const rows = await keeper.next(filterOf(filter), from, most - results.length);
      for (const row of rows) {
        const id = deadIdOf({ keeper: keeper.name, row });
        results.push({ ...(await keeper.redrive(row, { force }).catch(busyOrThrow)), id });
      }
      if (results.length >= most) return { results, next: results.at(-1)?.id ?? '' };
    }
    return { results };
  }

  /** @throws HttpProblem 400, 404, 409, 422, 502 */
  async edit(id: string, data: Json, note?: string): Promise<EditReceipt> {
    const { keeper, row, event } = await this.find(id);
    // No payload would do.
    if (keeper.name !== keeper.service) refuse(id, { outcome: 'not-published' });
    await this.#check(event, data);
    const edited = await unlessBusy(id, () => keeper.edit(row, { data, ...(note !== undefined && { note }) }));
    if (edited.outcome !== 'edited' || edited.eventId === undefined) refuse(id, edited);
    const { eventId, successor } = edited;
    return {
      id,
      eventId,
      ...(successor !== undefined && { successor: deadIdOf({ keeper: keeper.name, row: successor }) }),
    };
  }

  /** @throws HttpProblem 400, 404, 409 */
  async discard(id: string, note: string): Promise<void> {
    const { keeper, row } = this.#locate(id);
    const discarded = await unlessBusy(id, () => keeper.discard(row, note));
    if (discarded.outcome !== 'discarded') refuse(id, discarded);
  }

  /** @throws HttpProblem 400, 404 */
  async find(id: string): Promise<{ readonly keeper: Keeper; readonly row: string; readonly event: ParkedEvent }> {
    const { keeper, row } = this.#locate(id);
    const event = await keeper.show(row);
    return event ? { keeper, row, event } : refuse(id, { outcome: 'not-found' });
  }

  #locate(id: string): { readonly keeper: Keeper; readonly row: string } {
    const { keeper: name, row } = parseDeadId(id);
    const keepers = this.#keepers();
    const keeper = keepers.find((each) => each.name === name);
    if (keeper) return { keeper, row };
    const known = keepers.map((each) => each.name).join(', ');
    throw new HttpProblem(404, `${id}: no service "${name}" keeps parked events (there are: ${known})`);
  }

  /** A name that is mistyped would look like one that has nothing. One that is gone may have left something behind. @throws HttpProblem 404 */
  async #assertFunction({ function: name, service }: DeadFilter): Promise<void> {
    if (name === undefined) return;
    const functions = this.#functions();
    if (functions.some((known) => known === name || known.endsWith(`/${name}`))) return;
    const filter = { function: name, closed: true, ...(service !== undefined && { service }) };
    const left = await Promise.all(
      this.#matching(filter).map((keeper) => keeper.list({ ...filterOf(filter), limit: 1 })),
    );
    if (left.some((rows) => rows.length > 0)) return;
    const near = closest(name, name.includes('/') ? functions : functions.map((known) => known.split('/')[1] ?? known));
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${functions.join(', ')}`;
    throw new HttpProblem(404, `no function "${name}" (${hint})`);
  }

  #matching(filter: DeadFilter): Keeper[] {
    const service = filter.function?.includes('/') ? filter.function.split('/')[0] : filter.service;
    const keepers = this.#keepers();
    if (service === undefined) return [...keepers];
    const found = keepers.filter((keeper) => keeper.service === service);
    if (found.length > 0) return found;
    const known = [...new Set(keepers.map((keeper) => keeper.service))].join(', ');
    throw new HttpProblem(404, `no service "${service}" keeps parked events (there are: ${known})`);
  }
}

function filterOf({ reason, type, key, since, until, closed, function: fn }: DeadFilter): ParkedFilter {
  return {
    ...(reason !== undefined && { reason }),
    ...(fn !== undefined && { fn: fn.slice(fn.indexOf('/') + 1) }),
    ...(type !== undefined && { type }),
    ...(key !== undefined && { key }),
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(closed !== undefined && { closed }),
  };
}

function summaryOf(row: ParkedSummary, keeper: Keeper): DeadSummary {
  const { reason, state, message, source, eventId, type, key, attempts, redrives } = row;
  const { parkedAt, availableAt, redrivenAt, closedAt } = row;
  return {
    id: deadIdOf({ keeper: keeper.name, row: row.id }),
    target: keeper.targetOf(row.fn),
    ...{ reason, state, message, source, eventId, type, attempts, redrives },
    ...(key !== undefined && { key }),
    parkedAt: parkedAt.toISOString(),
    ...(availableAt && { availableAt: availableAt.toISOString() }),
    ...(redrivenAt && { redrivenAt: redrivenAt.toISOString() }),
    ...(closedAt && { closedAt: closedAt.toISOString() }),
  };
}

interface Placed {
  readonly row: ParkedSummary;
  readonly keeper: Keeper;
}

function newestFirst(a: Placed, b: Placed): number {
  const byTime = b.row.parkedAt.getTime() - a.row.parkedAt.getTime();
  if (byTime !== 0) return byTime;
  if (a.keeper.name !== b.keeper.name) return a.keeper.name < b.keeper.name ? 1 : -1;
  return BigInt(a.row.id) < BigInt(b.row.id) ? 1 : -1;
}

/** A handler that is at work holds the row. */
async function unlessBusy<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isBusy(error)) refuse(id, { outcome: 'at-work' });
    throw error;
  }
}

function busyOrThrow(error: unknown): { outcome: 'at-work'; redrives: number } {
  if (isBusy(error)) return { outcome: 'at-work', redrives: 0 };
  throw error;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
}
