/* eslint-disable @typescript-eslint/no-unused-expressions -- reading a field is what is tested */
/** Checked by tsc only: each `@ts-expect-error` is a mistake that must not compile. */
import { setting } from '@ebb/core';
import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

import { defineFunction } from './function.ts';
import { defineRoute } from './route.ts';
import { defineSchedule } from './schedule.ts';
import { defineService } from './service.ts';
import { defineWorker } from './worker.ts';

const Opened = defineEvent('dev.ebb.doors.door.opened.v1', {
  topic: 'doors',
  key: ({ doorId }) => doorId,
  data: z.object({ doorId: z.string(), by: z.string() }),
  example: { doorId: 'd', by: 'me' },
});
const Closed = defineEvent('dev.ebb.doors.door.closed.v1', {
  topic: 'doors',
  key: ({ doorId }) => doorId,
  data: z.object({ doorId: z.string(), locked: z.boolean() }),
  example: { doorId: 'd', locked: true },
});
const Alarmed = defineEvent('dev.ebb.doors.door.alarmed.v1', {
  topic: 'doors',
  key: ({ doorId }) => doorId,
  data: z.object({ doorId: z.string(), locked: z.boolean() }),
  example: { doorId: 'd', locked: true },
});

export const one = defineFunction('one', {
  on: Opened,
  emits: [Closed],
  async handle({ data, event }, { emit, config }) {
    event.type satisfies 'dev.ebb.doors.door.opened.v1';
    data.by satisfies string;
    event.data?.by satisfies string | undefined;
    // @ts-expect-error the schema has no such field
    data.locked;
    await emit(Closed, { doorId: data.doorId, locked: true });
    // @ts-expect-error `emits` does not list it
    await emit(Opened, { doorId: 'd', by: 'me' });
    // @ts-expect-error `emits` does not list it, though it looks like Closed
    await emit(Alarmed, { doorId: 'd', locked: true });
    // @ts-expect-error a field has the wrong type
    await emit(Closed, { doorId: 'd', locked: 'yes' });
    // @ts-expect-error a field is missing
    await emit(Closed, { doorId: 'd' });
    // @ts-expect-error a field is not in the schema
    await emit(Closed, { doorId: 'd', locked: true, colour: 'red' });
    // @ts-expect-error no such setting is declared
    config.COLOUR;
  },
});

export const several = defineFunction('several', {
  on: [Opened, Closed],
  emits: [Alarmed, Closed],
  async handle(event, { emit }) {
    // @ts-expect-error only one of the two has it
    event.data.by;
    if (event.type === 'dev.ebb.doors.door.opened.v1') event.data.by satisfies string;
    else event.data.locked satisfies boolean;
    // @ts-expect-error the function does not take this type
    if (event.type === 'dev.ebb.doors.door.alarmed.v1') return;
    await emit(Alarmed, { doorId: event.data.doorId, locked: true });
    await emit(Closed, { doorId: event.data.doorId, locked: true });
  },
});

export const destructured = defineFunction('destructured', {
  on: [Opened, Closed],
  businessKey: ({ doorId }) => doorId,
  async handle({ type, data }) {
    if (type === 'dev.ebb.doors.door.closed.v1') data.locked satisfies boolean;
    // @ts-expect-error narrowed to the other one
    if (type === 'dev.ebb.doors.door.opened.v1') data.locked;
    await Promise.resolve();
  },
});

export const silent = defineFunction('silent', {
  on: Opened,
  async handle(_event, { emit }) {
    // @ts-expect-error it emits nothing
    await emit(Closed, { doorId: 'd', locked: true });
  },
});

export const configured = defineFunction('configured', {
  on: Opened,
  timeout: '10s',
  settings: {
    COLOUR: setting.text({ description: 'of the door' }),
    KEY: setting.secret({ description: 'of the door' }),
  },
  async handle(_event, { config, db }) {
    config.COLOUR satisfies string;
    config.KEY.reveal() satisfies string;
    const rows = await db<{ id: number }>`select id from doors where colour = ${config.COLOUR}`;
    rows[0]?.id satisfies number | undefined;
    // @ts-expect-error settings are read, not written
    config.COLOUR = 'blue';
  },
});

export const badTimeout = defineFunction('bad-timeout', {
  on: Opened,
  // @ts-expect-error no duration
  timeout: '10 seconds',
  handle: () => Promise.resolve(),
});

export const notAsync = defineFunction('not-async', {
  on: Opened,
  // @ts-expect-error a handler that cannot be awaited cannot be part of a transaction
  handle: () => undefined,
});

export const patient = defineFunction('patient', {
  mode: 'leased',
  on: Opened,
  waitsFor: [Closed],
  emits: [Alarmed],
  async handle({ data }, { step, transaction, waitFor, saga, emit, after }) {
    const count = await step('count', ({ key, signal }) => Promise.resolve(key.length + Number(signal.aborted)), {
      compensate: (output) => Promise.resolve(void output.toFixed()),
    });
    count satisfies number;
    // @ts-expect-error what a verification gives is what the effect gives
    await step('ask', () => Promise.resolve(1), { verify: () => Promise.resolve({ done: true, output: 'one' }) });
    const closed = await waitFor('closed', Closed, { key: data.doorId, timeout: '1d' });
    closed?.data.locked satisfies boolean | undefined;
    // @ts-expect-error nobody may have come
    closed.data;
    // @ts-expect-error `waitsFor` does not list it
    await waitFor('opened', Opened, { key: data.doorId, timeout: '1d' });
    const rows = await saga('all', () =>
      transaction('note', async ({ db, emit: within }) => {
        await within(Alarmed, { doorId: 'd', locked: true });
        // @ts-expect-error `emits` does not list it
        await within(Opened, { doorId: 'd', by: 'me' });
        return (await db`select 1`).length;
      }),
    );
    rows satisfies number;
    await after('1m', Alarmed, { doorId: 'd', locked: true });
    // @ts-expect-error waiting for an event is not emitting it
    await emit(Closed, { doorId: 'd', locked: true });
  },
});

export const openTransaction = defineFunction('open-transaction', {
  mode: 'leased',
  on: Opened,
  async handle(_event, context) {
    // @ts-expect-error no transaction is open
    context.db;
    await Promise.resolve();
  },
});

// @ts-expect-error only a leased function waits
export const impatient = defineFunction('impatient', {
  on: Opened,
  waitsFor: [Closed],
  handle: () => Promise.resolve(),
});

const Door = z.object({ doorId: z.string(), floors: z.array(z.int()), colour: z.optional(z.string()) });

export const changeDoor = defineRoute('PATCH /doors/:doorId', {
  summary: 'Change a door',
  query: z.object({ dry: z._default(z.stringbool(), false) }),
  headers: z.object({ 'if-match': z.optional(z.string()) }),
  body: z.object({ colour: z.string() }),
  answers: { 200: { schema: Door }, 204: {}, 404: 'there is no such door' },
  access: { roles: ['janitor'], owner: 'doorId' },
  emits: [Closed],
  settings: { COLOUR: setting.text({ description: 'of the door' }) },
  async handle({ params, query, headers, body, caller }, { transaction, config }) {
    params satisfies { readonly doorId: string };
    // @ts-expect-error the path has no such parameter
    params.roomId;
    query.dry satisfies boolean;
    headers['if-match'] satisfies string | undefined;
    body.colour satisfies string;
    caller.subject satisfies string;
    config.COLOUR satisfies string;
    const floors: readonly number[] = await transaction(async ({ emit, db }) => {
      await emit(Closed, { doorId: 'd', locked: true });
      // @ts-expect-error `emits` does not list it
      await emit(Opened, { doorId: 'd', by: 'me' });
      return (await db<{ floor: number }>`select 1 as floor`).map(({ floor }) => floor);
    });
    if (query.dry) return { status: 204 };
    if (floors.length === 0) return { status: 404, detail: 'gone' };
    return { status: 200, body: { doorId: params.doorId, floors }, headers: { etag: '"1"' } };
  },
});

export const shownDoor = defineRoute('GET /doors/:doorId', {
  summary: 'Show a door',
  params: z.object({ doorId: z.uuid() }),
  answers: { 200: { schema: Door } },
  access: 'anyone',
  // @ts-expect-error `answers` does not list 404
  async handle({ params: { doorId }, caller, body }) {
    caller?.subject satisfies string | undefined;
    body satisfies undefined;
    await Promise.resolve(doorId satisfies string);
    return { status: 404 };
  },
});

export const wrongBody = defineRoute('GET /doors', {
  summary: 'List doors',
  answers: { 200: { schema: z.array(Door) } },
  access: 'signed-in',
  // @ts-expect-error a door has floors
  handle: () => ({ status: 200, body: [{ doorId: 'd' }] }),
});

export const notInPath = defineRoute('GET /doors/:doorId/lock', {
  summary: 'Show a lock',
  answers: { 204: {} },
  // @ts-expect-error the path has no such parameter
  access: { owner: 'lockId' },
  handle: () => ({ status: 204 }),
});

export const signed = defineRoute('POST /doors/signals', {
  summary: 'Hear from a door',
  raw: true,
  answers: { 200: { contentType: 'text/plain' } },
  access: { token: 'DOORS_TOKEN' },
  settings: { DOORS_TOKEN: setting.secret({ description: 'of the doors' }) },
  handle({ body, caller }) {
    caller satisfies undefined;
    return { status: 200, body: body.toString('hex') };
  },
});

export const nightly = defineSchedule('nightly', {
  cron: '0 3 * * *',
  emits: Closed,
  // @ts-expect-error the payload of another event
  data: { doorId: 'd', by: 'me' },
});

export const house = defineService('house', {
  functions: [one, several],
  routes: [changeDoor, signed],
  schedules: [nightly],
  database: { migrations: 'migrations' },
});

export const misplaced = defineService('misplaced', {
  // @ts-expect-error routes are no functions
  functions: [changeDoor],
});

export const worker = defineWorker('worker', {
  settings: { EVERY: setting.duration({ description: 'between two rounds' }) },
  async run({ config, signal, ready }) {
    config.EVERY satisfies number;
    // @ts-expect-error no such setting is declared
    config.OTHER;
    signal.throwIfAborted();
    ready();
    await Promise.resolve();
  },
});

export const door = defineWorker('door', {
  listens: { public: true },
  catalogue: true,
  identity: true,
  database: { migrations: 'migrations' },
  settings: { EVERY: setting.duration({ description: 'between two rounds' }) },
  async run({ config, listen, database }) {
    config.EVERY satisfies number;
    config.CATALOGUE_FILE satisfies string;
    config.EBB_IDENTITY_KEY.reveal() satisfies string;
    // @ts-expect-error it did not ask for services
    config.SERVICES_URL;
    listen.port satisfies number;
    await database.transaction(({ db }) => db`select 1`);
  },
});

export const deaf = defineWorker('deaf', {
  // @ts-expect-error it does not listen
  async run({ listen }) {
    await Promise.resolve(listen);
  },
});
