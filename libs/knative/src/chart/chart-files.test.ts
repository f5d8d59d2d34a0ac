import { describe, expect, it } from '@jest/globals';
import type { CatalogueEntry } from '@ebb/catalogue';
import { parse } from 'yaml';
import { chartFilesOf } from './chart-files.ts';

const parcels: CatalogueEntry = {
  kind: 'service',
  name: 'parcels',
  version: '1.2.3+0123abc',
  functions: [
    {
      name: 'pack',
      path: '/functions/pack',
      on: ['dev.ebb.orders.order.placed.v1'],
      emits: [],
      timeoutMs: 10_000,
      concurrency: 5,
      order: 'ordered',
      delivery: { retry: 5, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
      effect: 'transactional',
    },
  ],
  routes: [],
  schedules: [{ name: 'nightly', cron: '0 3 * * *', event: 'dev.ebb.orders.order.placed.v1' }],
  events: [{ type: 'dev.ebb.orders.order.placed.v1', topic: 'orders', schema: {}, example: {} }],
  database: { schema: 'parcels', migrations: true },
  outboxes: false,
  settings: [
    { name: 'API_KEY', kind: 'secret', description: 'opens the door', secret: true, required: true },
    { name: 'LABELS_URL', kind: 'service', description: '', secret: false, required: true, service: 'labels' },
  ],
  scale: { timeoutMs: 30_000, min: 1 },
};

const relay: CatalogueEntry = {
  kind: 'worker',
  name: 'relay',
  version: '1.2.3+0123abc',
  functions: [],
  routes: [],
  schedules: [],
  events: [],
  outboxes: true,
  settings: [],
  scale: { timeoutMs: 30_000 },
};

interface Input {
  readonly apps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly brokers: readonly { readonly name: string }[];
  readonly triggers: readonly { readonly name: string; readonly app: string; readonly function: string }[];
  readonly pingSources: readonly { readonly name: string; readonly app: string }[];
}

const filesOf = (...entries: CatalogueEntry[]): Readonly<Record<string, string>> => chartFilesOf(entries);
const inputOf = (...entries: CatalogueEntry[]): Input => parse(filesOf(...entries)['files/ebb.yaml'] ?? '') as Input;

describe('the files of a chart', () => {
  it('hold what follows from definitions, and nothing that an installation decides', () => {
    const { apps, brokers, triggers, pingSources } = inputOf(relay, parcels);
    expect(Object.keys(apps)).toEqual(['parcels', 'relay']);
    expect(apps.parcels).toMatchObject({
      kind: 'service',
      schema: 'parcels',
      settings: [
        { name: 'API_KEY', secret: true, required: true },
        { name: 'LABELS_URL', secret: false, required: true, service: 'labels' },
      ],
      annotations: { 'autoscaling.knative.dev/min-scale': '1' },
      timeoutSeconds: 30,
    });
    expect(apps.parcels?.container).not.toHaveProperty('image');
    expect(apps.relay).toMatchObject({ kind: 'worker', outboxes: true, replicas: 1 });
    expect(brokers.map(({ name }) => name)).toEqual(['orders', 'redelivery']);
    expect(triggers).toMatchObject([
      { name: 'parcels-pack', app: 'parcels', function: 'pack' },
      { name: 'parcels-pack-redelivery', app: 'parcels', function: 'pack' },
    ]);
    expect(pingSources).toMatchObject([{ name: 'parcels-nightly', app: 'parcels' }]);
  });

  it('do not change with the code, only with its definitions', () => {
    expect(filesOf({ ...parcels, version: '1.2.3+fedcba' })).toEqual(filesOf(parcels));
    expect(filesOf(parcels, relay)).toEqual(filesOf(relay, parcels));
  });

  it('name the roles whose URLs the Secret of the database must have', () => {
    expect(filesOf(relay, parcels)['files/database-roles.txt']).toBe('parcels-url svc_parcels\nrelay-url ebb_relay\n');
  });

  it('refuse a catalogue that no ConfigMap can hold', () => {
    const event = { ...parcels.events[0]!, description: 'x'.repeat(1_000_000) };
    expect(() => filesOf({ ...parcels, events: [event] })).toThrow('split the workspace');
  });
});
