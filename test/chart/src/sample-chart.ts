import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CatalogueEntry, FunctionEntry, RouteEntry } from '@ebb/catalogue';
import { chartFilesOf } from '@ebb/knative';
import { CHART } from './helm.ts';

const PACKED = 'com.example.parcels.parcel.packed.v1';

/** The chart with definitions of its own: a copy in a folder that `remove` deletes. */
export function chartOf(entries: readonly CatalogueEntry[]): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-chart-'));
  cpSync(CHART, folder, { recursive: true });
  for (const [path, text] of Object.entries(chartFilesOf(entries))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * One of each: a service with a database, a schedule, settings, scale and a route for those who are signed in; one without a database; a worker that
 * publishes; a worker that needs all that there is.
 */
export function sample(name = 'parcels'): readonly CatalogueEntry[] {
  return [
    {
      ...service(name, fn('pack', { filters: [{ prefix: { subject: 'parcel-' } }] })),
      routes: [SIGNED_IN],
      schedules: [{ name: 'nightly', cron: '0 3 * * *', timeZone: 'Europe/Berlin', event: PACKED }],
      database: { schema: 'parcels', migrations: true },
      settings: [
        { name: 'LABELS_URL', kind: 'service', description: '', secret: false, required: true, service: 'labels' },
        { name: 'SIGNING_KEY', kind: 'secret', description: '', secret: true, required: true },
      ],
      scale: {
        timeoutMs: 45_000,
        min: 1,
        max: 9,
        target: 20,
        concurrency: 40,
        windowMs: 90_000,
        startTimeoutMs: 120_000,
      },
    },
    service('labels', fn('print', { order: 'unordered' })),
    { ...worker('relay'), outboxes: true, listens: { public: false }, catalogue: true, services: true },
    {
      ...worker('door'),
      ...{ listens: { public: true }, catalogue: true, eventLog: true, signsIdentity: true, services: true },
      database: { schema: 'door', migrations: true },
    },
  ];
}

const SIGNED_IN: RouteEntry = {
  ...{ method: 'GET', path: '/parcels/:parcelId', summary: 'A parcel', access: 'signed-in', gateway: true },
  ...{ answers: { 200: { description: 'the parcel' } }, limits: [], emits: [] },
  ...{ maxBodyBytes: 64_000, timeoutMs: 5_000, raw: false, stream: false },
};

export function worker(name: string): CatalogueEntry {
  return { ...service(name), kind: 'worker', events: [], scale: { timeoutMs: 30_000 } };
}

export function service(name: string, ...functions: readonly FunctionEntry[]): CatalogueEntry {
  return {
    kind: 'service',
    name,
    version: '0.1.0',
    functions,
    routes: [],
    schedules: [],
    events: [{ type: PACKED, topic: 'parcels', schema: { type: 'object' }, example: {} }],
    outboxes: false,
    settings: [],
    scale: { timeoutMs: 30_000 },
  };
}

export function fn(name: string, more: Partial<FunctionEntry> = {}): FunctionEntry {
  return {
    name,
    path: `/functions/${name}`,
    on: [PACKED],
    emits: [],
    timeoutMs: 10_000,
    concurrency: 10,
    order: 'ordered',
    delivery: { retry: 12, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
    effect: 'transactional',
    ...more,
  };
}
