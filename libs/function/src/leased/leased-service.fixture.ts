import { randomUUID } from 'node:crypto';
import { Secret, type Settings } from '@ebb/core';
import { createEvent, encodeStructured, decodeHttp, defineEvent, type CloudEvent } from '@ebb/events';
import { openDatabase, type Database } from '@ebb/postgres';
import { migrate } from '@ebb/postgres/migrate';
import { startTelemetry, type Telemetry } from '@ebb/telemetry';
import { eventually, testDatabase, type TestDatabase } from '@ebb/test-database';
import * as z from 'zod/mini';

import { defineFunction, type LeasedFunctionDefinition, type LeasedFunctionOptions } from '../definition/function.ts';
import type { LeasedContext } from '../definition/leased.ts';
import { defineService } from '../definition/service.ts';
import { FunctionRunner } from '../serving/function-runner.ts';
import type { Outcome } from '../serving/outcome.ts';
import { CutProxy, type Cut } from './cut-proxy.fixture.ts';

const schema = z.object({ tripId: z.string() });
const ofTrip = ({ tripId }: { tripId: string }): string => tripId;
const example = { tripId: 'trip' };
export const Requested = defineEvent('dev.ebb.travel.trip.requested.v1', {
  topic: 'travel',
  key: ofTrip,
  data: schema,
  example,
});
export const Decided = defineEvent('dev.ebb.travel.trip.decided.v1', {
  topic: 'travel',
  key: ofTrip,
  data: schema,
  example,
});
export const Noted = defineEvent('dev.ebb.travel.trip.noted.v1', {
  topic: 'travel',
  key: ofTrip,
  data: z.object({ tripId: z.string(), what: z.string() }),
  example: { ...example, what: 'booked' },
});

export type Context = LeasedContext<readonly [typeof Noted], readonly [typeof Decided]>;
export type Handle = (context: Context, tripId: string) => Promise<void>;
type Options = Partial<Pick<LeasedFunctionOptions<typeof Requested, [], [], Settings>, 'timeout' | 'lease' | 'retry'>>;

/** What is there at the end, without what is different each time. */
export interface State {
  readonly rows: readonly string[];
  readonly events: readonly string[];
  readonly status: string | undefined;
}

/** One process's life: how it went, and whether it was cut off. */
export interface Life {
  readonly outcome: Outcome;
  readonly wasCut: boolean;
  /** How many messages it sent to PostgreSQL. */
  readonly messages: number;
}

/** A leased function over a real database; each delivery can be given a process of its own, which dies at some message to PostgreSQL. */
export class LeasedService {
  readonly database: Database;
  readonly #test: TestDatabase;
  readonly #telemetry: Telemetry;

  private constructor(test: TestDatabase) {
    this.#test = test;
    this.#telemetry = startTelemetry({ service: 'travel', logLevel: 'silent' });
    // With one connection it is known which ones are of other processes.
    this.database = this.#open(test.url, 1);
  }

  static async open(): Promise<LeasedService> {
    const test = await testDatabase();
    await migrate({ url: test.url, schema: 'travel' });
    const service = new LeasedService(test);
    await service.database.db`create table note (trip_id text not null, what text not null)`;
    return service;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.#telemetry.shutdown();
    await this.#test.drop();
  }

  request(tripId: string = randomUUID()): CloudEvent {
    return createEvent(Requested, { tripId }, { source: '/test' });
  }

  decision(tripId: string): CloudEvent {
    return createEvent(Decided, { tripId }, { source: '/test' });
  }

  /** Delivers an event in this process. */
  deliver(event: CloudEvent, handle: Handle, options: Options = {}, database = this.database): Promise<Outcome> {
    const fn = functionOf(handle, options);
    const definition = defineService('travel', { functions: [fn], database: { migrations: 'migrations' } });
    const runtime = { definition, telemetry: this.#telemetry, database, config: {} };
    const { headers, body } = encodeStructured(event);
    const [decoded] = decodeHttp(headers, body).events;
    return new FunctionRunner(fn, runtime).process(decoded!, undefined);
  }

  /** Delivers an event to a process that is killed at `cut`; its lease has run out when this resolves. */
  async live(event: CloudEvent, handle: Handle, cut: Cut | undefined): Promise<Life> {
    const proxy = await CutProxy.open(this.#test.url, cut);
    const database = this.#open(proxy.url);
    try {
      const outcome = await this.deliver(event, handle, { retry: { attempts: 100 } }, database);
      return { outcome, wasCut: proxy.isCut, messages: proxy.messages };
    } finally {
      await database.close();
      await proxy.close();
      await this.#settled();
      await this.database
        .db`update inbox set lease_until = clock_timestamp() - interval '1 second' where status = 'running'`;
    }
  }

  /** What the relay would send again when all timers are due. */
  async wake(): Promise<readonly CloudEvent[]> {
    const rows = await this.database.db<{ event: CloudEvent }>`
      with timers as (delete from timer returning event),
      sent as (delete from outbox where topic = 'redelivery' returning event)
      select event from timers union all select event from sent`;
    return rows.map(({ event }) => event);
  }

  async stateOf({ id, data }: CloudEvent): Promise<State> {
    const { db } = this.database;
    const { tripId } = data as { tripId: string };
    const rows = await db<{ what: string }>`select what from note where trip_id = ${tripId} order by what`;
    const events = await db<{ what: string }>`
      select event -> 'data' ->> 'what' as what from outbox where partition_key = ${tripId} and topic = 'travel' order by what`;
    const [inbox] = await db<{ status: string }>`select status from inbox where event_id = ${id}`;
    return { rows: rows.map(({ what }) => what), events: events.map(({ what }) => what), status: inbox?.status };
  }

  /** What a process that is gone has sent is done by now, or rolled back: no connection but this one is left. */
  async #settled(): Promise<void> {
    await eventually(
      async () => {
        const [row] = await this.database.db<{ others: number }>`
        select count(*)::int as others from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
        return row?.others === 0;
      },
      { intervalMs: 2 },
    );
  }

  #open(url: string, maxConnections = 10): Database {
    return openDatabase({ url: new Secret(url), schema: 'travel', maxConnections });
  }
}

function functionOf(handle: Handle, options: Options): LeasedFunctionDefinition {
  return defineFunction('arrange', {
    mode: 'leased',
    on: Requested,
    waitsFor: [Decided],
    emits: [Noted],
    ...options,
    handle: ({ data }, context) => handle(context, data.tripId),
  }) as LeasedFunctionDefinition;
}
