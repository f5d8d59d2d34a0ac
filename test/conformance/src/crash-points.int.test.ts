import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEvent, type CloudEvent } from '@ebb/events';
import type { CrashPoint } from '@ebb/postgres';
import { testService, type TestService } from '@ebb/testing';
import { openAgency, type Agency } from './agency.fixture.ts';
import { crashing } from './crashing.fixture.ts';
import { ParcelHandedOver, ParcelWeighed } from './parcels.fixture.ts';

const migrations = new URL('../migrations', import.meta.url);
const module = new URL('./crashing.fixture.ts', import.meta.url);
/** As many as there are cores: each has a process and a database of its own. */
const AT_ONCE = 2;

/** Always the same, so that two runs come to the same ids. */
const weighed = (parcelId: string, grams = 1): CloudEvent =>
  createEvent(ParcelWeighed, { parcelId, grams }, { source: '/scales', id: `weighed-${parcelId}` });

let agency: Agency;
beforeAll(async () => {
  agency = await openAgency();
});
afterAll(() => agency.close());

interface Fresh {
  readonly service: TestService;
  readonly customer: string;
}

async function withFresh<T>(run: (fresh: Fresh) => Promise<T>): Promise<T> {
  const customer = randomUUID();
  const service = await testService(crashing, { migrations, module, config: { AGENCY_URL: agency.url(customer) } });
  try {
    return await run({ service, customer });
  } finally {
    await service.close();
  }
}

/** Everything that must not depend on where a process died: rows, events in the order of their key, timers, steps, what was put aside, effects outside. */
async function finalState({ service, customer }: Fresh) {
  const { db } = service;
  const { rows, timers, parked } = await service.state();
  return {
    rows,
    effects: agency.effects(customer),
    timers: timers.map(({ name }) => name).sort(),
    parked: parked.map(({ reason }) => reason),
    inbox: await db<{ event_id: string; status: string }>`select event_id, status from inbox order by event_id`,
    outbox:
      await db`select event ->> 'id' as id, event -> 'data' as data from outbox where topic <> 'redelivery' order by partition_key, id`,
    steps: await db`select name, state from step order by name`,
  };
}

/** What is done in phases; a process dies in one of them. */
interface Scenario {
  /** What there is outside in the end. */
  readonly effects?: Readonly<Record<string, number>>;
  /** Of the inbox. Default done. */
  readonly end?: 'parked';
  readonly phases: readonly ((service: TestService) => Promise<unknown>)[];
  readonly crashes: readonly Crash[];
}

type Crash = readonly [phase: number, point: CrashPoint, step?: string];

async function play({ phases }: Scenario, crash?: Crash): Promise<Awaited<ReturnType<typeof finalState>>> {
  return withFresh(async (fresh) => {
    for (const [nth, phase] of phases.entries()) {
      const [at, point, step] = crash ?? [];
      if (at !== nth || point === undefined) await phase(fresh.service);
      else await fresh.service.crashAt(point, () => phase(fresh.service), step === undefined ? {} : { step });
    }
    return finalState(fresh);
  });
}

async function stateAfterEach(scenario: Scenario): Promise<Record<string, unknown>> {
  const states: Record<string, unknown> = {};
  const left = [...scenario.crashes];
  const work = async (): Promise<void> => {
    for (let crash = left.shift(); crash; crash = left.shift()) states[crash.join(' ')] = await play(scenario, crash);
  };
  // All are over before the first that failed is told of: none goes on behind the test.
  const worked = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const each of worked) if (each.status === 'rejected') throw each.reason;
  return states;
}

const eachAt = (phase: number, ...points: CrashPoint[]): Crash[] => points.map((point) => [phase, point]);
const ALL_TRANSACTIONAL: readonly CrashPoint[] = [
  ...(['received', 'claimed', 'handled', 'before-commit', 'after-commit', 'before-answer'] as const),
];
const batch = [weighed('p-1'), weighed('p-2'), weighed('p-3'), weighed('p-4')];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a handler with SQL': {
    phases: [(service) => service.deliver('weigh', weighed('p-1'))],
    crashes: eachAt(0, ...ALL_TRANSACTIONAL),
  },
  'a handler that only emits': {
    phases: [(service) => service.deliver('announce', weighed('p-1'))],
    // It is claimed with its commit, in one statement.
    crashes: eachAt(0, ...ALL_TRANSACTIONAL.filter((point) => point !== 'claimed')),
  },
  'a batch': {
    phases: [(service) => service.deliverBatch('weigh', batch)],
    crashes: eachAt(0, ...ALL_TRANSACTIONAL),
  },
  'a leased function': {
    effects: { lorry: 1, ship: 1 },
    phases: [
      (service) => service.deliver('ship', weighed('p-1')),
      (service) => service.advance('1h'),
      (service) =>
        service.deliver('ship', createEvent(ParcelHandedOver, { parcelId: 'p-1' }, { source: '/door', id: 'handed' })),
    ],
    crashes: [
      ...eachAt(0, 'received', 'leased'),
      ...(['step-intent', 'step-effect', 'step-output'] as const).map((point): Crash => [0, point, 'lorry']),
      ...(['before-commit', 'after-commit'] as const).map((point): Crash => [0, point, 'note']),
      [0, 'step-effect', 'ship'],
      [0, 'suspended', 'rest'],
      ...eachAt(0, 'before-answer'),
      [1, 'leased'],
      [1, 'suspended', 'handed over'],
      ...eachAt(2, 'before-commit', 'leased', 'handled', 'before-finish', 'after-finish', 'before-answer'),
    ],
  },
  'a saga that is taken back': {
    effects: { lorry: 1, ship: 1, 'no-lorry': 1, 'no-ship': 1 },
    end: 'parked',
    phases: [
      (service) => service.deliver('ship', weighed('p-1', 0)),
      (service) => service.advance('1h'),
      (service) => service.advance('1d'),
    ],
    crashes: [
      ...(['step-intent', 'step-effect', 'step-output'] as const).map((point): Crash => [2, point, 'undo:ship']),
      [2, 'step-effect', 'undo:lorry'],
      [2, 'before-answer'],
    ],
  },
};

describe.each(Object.entries(SCENARIOS))('%s', (_name, scenario) => {
  it('comes to the same end wherever its process is killed', async () => {
    const undisturbed = await play(scenario);
    expect(undisturbed.effects).toEqual(scenario.effects ?? {});
    expect(undisturbed.inbox.every(({ status }) => status === (scenario.end ?? 'done'))).toBe(true);
    const states = await stateAfterEach(scenario);
    expect(states).toEqual(Object.fromEntries(scenario.crashes.map((crash) => [crash.join(' '), undisturbed])));
  }, 120_000);
});
