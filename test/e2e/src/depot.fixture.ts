import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the function of the depot behaves; the source is written anew to change it. */
export type Handler = 'broken' | 'strict' | 'lenient';

const CHECKS: Readonly<Record<Handler, string>> = {
  broken: `if (data.grams > 1_000) throw new RangeError('the scales end at 1000 g');`,
  strict: `if (data.grams === 13) throw new TerminalError('nobody touches 13 g');`,
  lenient: '',
};

const EVENTS = `import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

const Parcel = z.object({ parcelId: z.string(), route: z.string(), grams: z.int() });
const example = { parcelId: 'p', route: 'r', grams: 1 };
const key = ({ route }: { readonly route: string }): string => route;

export const ParcelArrived = defineEvent('dev.ebb.depot.parcel.arrived.v1', { topic: 'depot', key, data: Parcel, example });
export const ParcelStored = defineEvent('dev.ebb.depot.parcel.stored.v1', { topic: 'depot', key, data: Parcel, example });
`;

const DEPOT: Readonly<Record<string, string>> = {
  'package.json': packageOf('depot'),
  'migrations/0001_parcels.sql': `-- Up Migration
create table parcels (
  seq       bigint generated always as identity primary key,
  parcel_id text   not null unique,
  route     text   not null,
  grams     int    not null
);
`,
  'src/events.ts': EVENTS,
  'src/routes.ts': `import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';

export const parcels = defineRoute('GET /routes/:route', {
  summary: 'List the parcels of a route',
  answers: { 200: { schema: z.array(z.string()) } },
  access: 'anyone',
  async handle({ params: { route } }, { db }) {
    const rows = await db<{ parcel_id: string }>\`select parcel_id from parcels where route = \${route} order by seq\`;
    return { status: 200, body: rows.map((row) => row.parcel_id) };
  },
});
`,
  'src/main.ts': `import { defineService, serve } from '@ebb/function';
import { parcels } from './routes.ts';
import { storeParcel } from './store-parcel.ts';

serve(defineService('depot', { functions: [storeParcel], routes: [parcels], database: { migrations: 'migrations' } }));
`,
};

const LABELS: Readonly<Record<string, string>> = {
  'package.json': packageOf('labels'),
  'src/events.ts': EVENTS,
  'src/main.ts': `import { TerminalError } from '@ebb/core';
import { defineFunction, defineService, serve } from '@ebb/function';
import { ParcelArrived } from './events.ts';

/** Has no database to park anything in. */
const printLabel = defineFunction('print-label', {
  on: ParcelArrived,
  handle({ data }) {
    if (data.route === 'nowhere') return Promise.reject(new TerminalError('no such route'));
    return Promise.resolve();
  },
});

serve(defineService('labels', { functions: [printLabel] }));
`,
};

/** Writes the apps \`depot\`, whose function can be broken and mended, and \`labels\`, which has no database. */
export function writeDepot(root: string): void {
  for (const [app, files] of Object.entries({ depot: DEPOT, labels: LABELS })) {
    for (const [file, text] of Object.entries(files)) write(join(root, 'apps', app, file), text);
  }
  writeHandler(root, 'broken');
}

export function writeHandler(root: string, handler: Handler): void {
  write(
    join(root, 'apps/depot/src/store-parcel.ts'),
    `import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { ParcelArrived, ParcelStored } from './events.ts';

export const NEVER = TerminalError;

export const storeParcel = defineFunction('store-parcel', {
  on: ParcelArrived,
  emits: [ParcelStored],
  retry: { attempts: 1 },
  async handle({ data }, { db, emit }) {
    ${CHECKS[handler]}
    await db\`insert into parcels (parcel_id, route, grams) values (\${data.parcelId}, \${data.route}, \${data.grams})\`;
    await emit(ParcelStored, data);
  },
});
`,
  );
}

function packageOf(name: string): string {
  return JSON.stringify({ name: `@ebb/${name}`, version: '0.1.0', private: true, type: 'module', exports: {} });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
