import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, RetryableError, TerminalError } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';

import type { StepCall } from '../definition/leased.ts';
import { Agency } from './agency.fixture.ts';
import { Decided, LeasedService, Noted, type Context, type Handle } from './leased-service.fixture.ts';

let service: LeasedService;

beforeAll(async () => {
  service = await LeasedService.open();
});
afterAll(() => service.close());

/** As a person sends a parked event on. */
async function redriven(event: CloudEvent, times = 1): Promise<CloudEvent> {
  await service.database.db`update inbox set status = 'failed', attempt = 0 where event_id = ${event.id}`;
  return { ...event, ebbtarget: 'travel/arrange', redrivecount: times };
}
const errorOf = async ({ id }: CloudEvent): Promise<string | undefined> => {
  const [row] = await service.database.db<{ error: string }>`
    select error from parked where event_id = ${id} and closed_at is null`;
  return row?.error;
};
const terminal = { outcome: 'parked', reason: 'terminal' };

describe('a step', () => {
  it('gives each run what it gave first, also nothing', async () => {
    const given: unknown[] = [];
    let calls = 0;
    const handle: Handle = async ({ step, attempt }) => {
      given.push(await step('null', () => Promise.resolve(null)));
      given.push(await step<unknown>('nothing', () => Promise.resolve(undefined)));
      given.push(await step('object', () => Promise.resolve({ nul: '\u0000', nth: (calls += 1), none: undefined })));
      if (attempt < 3) throw new RetryableError('again');
    };
    const event = service.request();
    for (const outcome of ['retry', 'retry', 'done']) {
      expect(await service.deliver(event, handle)).toMatchObject({ outcome });
    }
    const each = [null, undefined, { nul: '\u0000', nth: 1 }];
    expect(given).toEqual([...each, ...each, ...each]);
  });

  it('has the same key at each attempt, and another one for each event', async () => {
    const keys: string[] = [];
    const handle: Handle = async ({ step, attempt }) => {
      await step('call', ({ key }) => {
        keys.push(key);
        return attempt < 2 ? Promise.reject(new Error('lost')) : Promise.resolve();
      });
    };
    const events = [service.request(), service.request()];
    for (const event of [...events, ...events]) await service.deliver(event, handle);
    expect(keys).toEqual([keys[0], keys[1], keys[0], keys[1]]);
    expect(new Set(keys).size).toBe(2);
  });

  it('that failed for good is not done again, unless a person sends the event on', async () => {
    let calls = 0;
    let isWilling = false;
    const handle: Handle = async ({ step }) => {
      const refused = await step('call', () => {
        calls += 1;
        return isWilling ? Promise.resolve(undefined) : Promise.reject(new TerminalError('no'));
      }).catch((error: unknown) => error);
      if (refused instanceof Error) throw calls === 1 ? new RetryableError('again') : refused;
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toMatchObject({ outcome: 'retry' });
    isWilling = true;
    calls += 1;
    expect(await service.deliver(event, handle)).toEqual(terminal);
    expect(calls).toBe(2);
    expect(await service.deliver(await redriven(event), handle)).toEqual({ outcome: 'done' });
    expect(calls).toBe(3);
  });

  it('whose effect nobody knows is parked where it says so, and done again when a person has looked', async () => {
    const agency = new Agency();
    agency.expect('pay', 'answer is lost');
    const handle: Handle = async ({ step }) => {
      await step('pay', agency.unkeyed('pay'), { onUnknown: 'park' });
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver(event, handle)).toEqual({ outcome: 'parked', reason: 'step-unknown' });
    expect(await errorOf(event)).toContain('nobody knows whether step "pay" took effect');
    expect(agency.effects).toEqual(['pay']);
    expect(await service.deliver(await redriven(event), handle)).toEqual({ outcome: 'done' });
    expect(agency.effects).toEqual(['pay', 'pay']);
  });

  const step = (context: Context, name: string, value: unknown = 1) => context.step(name, () => Promise.resolve(value));
  it.each<[string, (context: Context) => Promise<unknown>, string]>([
    [
      'a name that was used',
      async (context) => [await step(context, 'a'), await step(context, 'a')],
      'step "a" was used before',
    ],
    ['no name', (context) => step(context, ''), 'must have 1 to 200 characters'],
    ['a name of the journal itself', (context) => step(context, 'undo:a'), 'step "undo:a" begins with'],
    [
      'an output that JSON does not carry',
      (context) => step(context, 'a', { at: [new Date()] }),
      'step "a" gave at /at/0 an instance of Date',
    ],
    [
      'nothing to verify with',
      (context) => context.step('a', () => Promise.resolve(), { onUnknown: 'verify' }),
      'step "a" is to be verified',
    ],
    [
      'an event that it does not wait for',
      ({ waitFor }) => waitFor('a', Noted as unknown as typeof Decided, { key: 'k', timeout: '1s' }),
      '"waitsFor" does not list it',
    ],
    ['a wait without end', ({ sleep }) => sleep('a', '99999d'), 'at most 3650 days'],
  ])('is a mistake that no retry mends with %s', async (_what, mistake, message) => {
    const event = service.request();
    const outcome = await service.deliver(event, async (context) => {
      await mistake(context);
    });
    expect(outcome).toEqual(terminal);
    expect(await errorOf(event)).toContain(message);
  });

  it('is left alone, and no attempt counted, while its circuit is open', async () => {
    const agency = new Agency();
    agency.expect('call', 'request is lost', 'request is lost');
    const handle: Handle = async ({ step }) => {
      await step('call', agency.keyed('call'), { circuit: { name: 'agency', failures: 2, openFor: '10m' } });
    };
    const event = service.request();
    const retry = { attempts: 3 };
    for (let nth = 0; nth < 2; nth += 1) {
      expect(await service.deliver(event, handle, { retry })).toMatchObject({
        outcome: 'retry',
        error: { message: 'socket hang up' },
      });
    }
    const other = service.request();
    for (let nth = 0; nth < 4; nth += 1) {
      // Ten minutes are longer than a broker waits.
      expect(await service.deliver(await redriven(other), handle, { retry })).toMatchObject({
        outcome: 'parked',
        reason: 'delayed',
      });
    }
    await service.database.db`update circuit set open_until = open_until - interval '10 minutes'`;
    expect(await service.deliver(event, handle, { retry })).toEqual({ outcome: 'done' });
    expect(await service.deliver(await redriven(other), handle, { retry })).toEqual({ outcome: 'done' });
    expect(agency.effects).toEqual(['call', 'call']);
  });
});

describe('a handler that waits', () => {
  it('gets the event, its data checked, whether it comes before or after', async () => {
    const got: unknown[] = [];
    const handle: Handle = async ({ waitFor }, tripId) => {
      const decided = await waitFor('decision', Decided, { key: tripId, timeout: '1d' });
      got.push(decided && [decided.type, decided.data, decided.event.id]);
    };
    const early = service.request();
    const { tripId } = early.data as { tripId: string };
    const decision = service.decision(tripId);
    expect(await service.deliver(early, handle)).toEqual({ outcome: 'waiting' });
    expect(await service.deliver(decision, handle)).toEqual({ outcome: 'done' });
    expect(await service.deliver(decision, handle)).toEqual({ outcome: 'duplicate' });
    for (const event of await service.wake()) await service.deliver(event, handle);
    expect(got).toEqual([[Decided.type, { tripId }, decision.id]]);
    const late = service.request();
    const before = service.decision((late.data as { tripId: string }).tripId);
    expect(await service.deliver(before, handle)).toEqual({ outcome: 'done' });
    expect(await service.deliver(late, handle)).toEqual({ outcome: 'done' });
    expect(got).toHaveLength(2);
  });

  it('is not held up by an event of its key that is parked: that may be the one which waits', async () => {
    const handle: Handle = async ({ waitFor, step, attempt }, tripId) => {
      if (attempt === 1) await step('call', () => Promise.reject(new TerminalError('no')));
      const decided = await waitFor('decision', Decided, { key: tripId, timeout: '1d' });
      if (!decided) throw new TerminalError('nobody decided');
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toEqual(terminal);
    const decision = service.decision((event.data as { tripId: string }).tripId);
    expect(await service.deliver(decision, handle)).toEqual({ outcome: 'done' });
  });

  it('does not get past its wait by catching what ends it', async () => {
    const reached: string[] = [];
    const handle: Handle = async ({ sleep, step, emit }, tripId) => {
      await sleep('nap', '1h').catch(() => undefined);
      await step('after', () => Promise.resolve(reached.push('after'))).catch(() => undefined);
      await emit(Noted, { tripId, what: 'over' });
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toEqual({ outcome: 'waiting' });
    expect({ reached, ...(await service.stateOf(event)) }).toMatchObject({
      reached: [],
      events: [],
      status: 'waiting',
    });
    const [woken] = await service.wake();
    expect(await service.deliver(woken!, handle)).toEqual({ outcome: 'done' });
    expect({ reached, ...(await service.stateOf(event)) }).toMatchObject({ reached: ['after'], events: ['over'] });
  });
});

describe('a saga', () => {
  const undoing = (agency: Agency, name: string) => ({
    compensate: async (_output: string, call: StepCall) => {
      await agency.keyed(`undo ${name}`)(call);
    },
  });
  const book = (context: Context, agency: Agency, name: string) =>
    context.step(name, agency.keyed(name), undoing(agency, name));

  it('takes its steps back in reverse, inner sagas and steps side by side among them, and tells its caller', async () => {
    const agency = new Agency();
    agency.expect('last', 'says no');
    const handle: Handle = async (context) => {
      await book(context, agency, 'outside');
      await context.saga('outer', async () => {
        await book(context, agency, 'first');
        await context.saga('inner', () => book(context, agency, 'inner'));
        await Promise.all(['left', 'right'].map((name) => context.saga(name, () => book(context, agency, name))));
        await book(context, agency, 'last');
      });
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toEqual(terminal);
    expect(await errorOf(event)).toContain('last: no');
    expect(agency.effects.slice(5)).toEqual(['undo right', 'undo left', 'undo inner', 'undo first']);
  });

  it('takes back only what it was, when an outer one goes on', async () => {
    const agency = new Agency();
    agency.expect('b', 'says no');
    const handle: Handle = async (context) => {
      await context.saga('outer', async () => {
        await book(context, agency, 'a');
        const failed = context.saga('inner', async () => {
          await book(context, agency, 'a2');
          await book(context, agency, 'b');
        });
        await failed.catch((error: unknown) => {
          if (!(error instanceof TerminalError)) throw error;
        });
        await book(context, agency, 'c');
      });
    };
    expect(await service.deliver(service.request(), handle)).toEqual({ outcome: 'done' });
    expect(agency.effects).toEqual(['a', 'a2', 'undo a2', 'c']);
  });

  it('finds out first about a step beside the one that failed whose answer was lost', async () => {
    const agency = new Agency();
    agency.expect('no', 'says no');
    agency.expect('lost', 'answer is lost');
    const handle: Handle = async (context) => {
      await context.saga('trip', () => Promise.all([book(context, agency, 'no'), book(context, agency, 'lost')]));
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver(event, handle)).toEqual(terminal);
    expect(agency.effects).toEqual(['lost', 'undo lost']);
  });

  it('is not said to be taken back before it is, and goes on with that when a person sends the event on', async () => {
    const agency = new Agency();
    agency.expect('room', 'says no');
    agency.expect('undo flight', 'says no');
    const handle: Handle = async (context, tripId) => {
      try {
        await context.saga('trip', async () => {
          await book(context, agency, 'flight');
          await book(context, agency, 'car');
          await book(context, agency, 'room');
          await context.transaction('note', ({ emit }) => emit(Noted, { tripId, what: 'booked' }));
        });
      } catch {
        await context.emit(Noted, { tripId, what: 'refused' });
      }
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toEqual(terminal);
    expect(await errorOf(event)).toContain('step "flight" cannot be taken back: undo flight: no');
    expect(await service.stateOf(event)).toMatchObject({ events: [] });
    // By now the room would be there, and the flight can be cancelled.
    agency.expect('room');
    agency.expect('undo flight');
    expect(await service.deliver(await redriven(event), handle)).toEqual({ outcome: 'done' });
    expect(agency.effects).toEqual(['flight', 'car', 'undo car', 'undo flight']);
    expect(await service.stateOf(event)).toMatchObject({ events: ['refused'] });
  });

  it('stays taken back, whatever would work by now', async () => {
    const agency = new Agency();
    agency.expect('room', 'says no');
    const handle: Handle = async (context) => {
      await context.saga('trip', async () => {
        await book(context, agency, 'flight');
        await book(context, agency, 'room');
      });
    };
    const event = service.request();
    expect(await service.deliver(event, handle)).toEqual(terminal);
    agency.expect('room');
    expect(await service.deliver(await redriven(event), handle)).toEqual(terminal);
    expect(agency.effects).toEqual(['flight', 'undo flight']);
  });

  it('is parked, not forgotten, when the code does not come by what it has to take back any more', async () => {
    const agency = new Agency();
    agency.expect('room', 'says no');
    agency.expect('undo flight', 'request is lost');
    const handle =
      (flight: string): Handle =>
      async (context) => {
        await context.saga('trip', async () => {
          await book(context, agency, flight);
          await book(context, agency, 'room');
        });
      };
    const event = service.request();
    expect(await service.deliver(event, handle('flight'))).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver(event, handle('plane'))).toEqual(terminal);
    expect(await errorOf(event)).toContain('step "flight" cannot be taken back: this run did not come by it');
    expect(agency.effects).toEqual(['flight']);
  });

  it('is known by its name, so that others may be put before it while events are under way', async () => {
    const agency = new Agency();
    agency.expect('room', 'says no');
    agency.expect('undo flight', 'request is lost');
    const trip = (context: Context) =>
      context.saga('trip', async () => {
        await book(context, agency, 'flight');
        await book(context, agency, 'room');
      });
    const before: Handle = (context) => trip(context);
    const after: Handle = async (context) => {
      await context.saga('insurance', () => book(context, agency, 'policy'));
      await trip(context);
    };
    const event = service.request();
    expect(await service.deliver(event, before)).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver(event, after)).toEqual(terminal);
    expect(await errorOf(event)).toContain('room: no');
    expect(agency.effects).toEqual(['flight', 'policy', 'undo flight']);
  });

  it('has a name of its own', async () => {
    const agency = new Agency();
    const twice: Handle = async (context) => {
      await context.saga('trip', () => book(context, agency, 'flight'));
      await context.saga('trip', () => book(context, agency, 'room'));
    };
    const event = service.request();
    expect(await service.deliver(event, twice)).toEqual(terminal);
    expect(await errorOf(event)).toContain(
      'saga "trip" was used before: each saga of a function needs a name of its own',
    );
    expect(agency.effects).toEqual(['flight']);
    const nameless = service.request();
    expect(await service.deliver(nameless, (context) => context.saga('', () => Promise.resolve()))).toEqual(terminal);
    expect(await errorOf(nameless)).toContain('saga "" must have 1 to 200 characters');
  });
});

describe('the end of a handler', () => {
  it('is committed with what was emitted, with the same ids in each run', async () => {
    const ids = async ({ data }: CloudEvent): Promise<unknown[]> => {
      const { tripId } = data as { tripId: string };
      const rows = await service.database.db`
        select event ->> 'id' as id, event ->> 'causationid' as cause from outbox where partition_key = ${tripId} order by id`;
      return rows;
    };
    const handle: Handle = async ({ emit, transaction, attempt }, tripId) => {
      await emit(Noted, { tripId, what: 'one' });
      await transaction('note', ({ emit: within }) => within(Noted, { tripId, what: 'two' }));
      await emit(Noted, { tripId, what: 'three' });
      if (attempt === 1) throw new RetryableError('again');
    };
    const event = service.request();
    await service.deliver(event, handle);
    expect(await service.stateOf(event)).toMatchObject({ events: ['two'] });
    await service.deliver(event, handle);
    expect(await service.stateOf(event)).toMatchObject({ events: ['one', 'three', 'two'], status: 'done' });
    const emitted = (await ids(event)) as { id: string; cause: string }[];
    expect(new Set(emitted.map(({ id }) => id)).size).toBe(3);
    expect(emitted.every(({ cause }) => cause === event.id)).toBe(true);
  });

  it('comes when its time is over: the signal is aborted, and nothing more is begun', async () => {
    let reason: unknown;
    let after: unknown;
    const over = deferred();
    const event = service.request();
    const outcome = await service.deliver(
      event,
      async ({ step, signal }) => {
        await once(signal, 'abort');
        reason = signal.reason;
        after = await step('late', () => Promise.resolve(1)).catch((error: unknown) => error);
        over.resolve();
      },
      { timeout: '50ms', lease: '1s' },
    );
    await over.promise;
    expect(outcome).toMatchObject({ outcome: 'retry', error: { code: 'EBB_TIMEOUT' } });
    expect(after).toBe(reason);
    expect(await service.deliver(event, () => Promise.resolve())).toEqual({ outcome: 'done' });
  });
});
