import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, RetryableError, Secret, TerminalError, TimeoutError } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import fc from 'fast-check';
import { Connections } from '../connections.ts';
import { serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { CircuitOpenError } from './circuit-open-error.ts';
import { Circuit, type CircuitSettings } from './circuit.ts';
import { circuitsOf } from './list-circuits.ts';

const FAILURES = 3;
const PROCESSES = 2;
const CALLERS = 40;

describe('a circuit', () => {
  let service: ServiceDatabase;
  let processes: readonly Connections[];
  let named = 0;

  beforeAll(async () => {
    service = await serviceDatabase();
    const { url, schema } = service;
    processes = Array.from({ length: PROCESSES }, () => new Connections({ url: new Secret(url), schema }));
  });
  afterAll(async () => {
    await Promise.all(processes.map((connections) => connections.close()));
    await service.close();
  });

  /** The same dependency, as two processes see it. */
  const circuits = (overrides: Partial<CircuitSettings> = {}): readonly [Circuit, Circuit] => {
    const settings = { name: nextName(), failures: FAILURES, openForMs: 60_000, probeForMs: 60_000, ...overrides };
    const [one, other] = processes.map((connections) => new Circuit(connections, settings));
    return [one!, other!];
  };
  const nextName = (): string => `dependency-${(named += 1)}`;
  const stateOf = async (name = `dependency-${named}`): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select state, failures from circuit where name = $1', [name]))[0];
  /** Time goes by. */
  const pass = (ms: number): Promise<unknown> =>
    service.rows(
      `update circuit set open_until = open_until - $2 * interval '1 millisecond', probe_until = probe_until - $2 * interval '1 millisecond'
       where name = $1`,
      [`dependency-${named}`, ms],
    );
  const fails = (error: Error = new Error('connection refused')) => Promise.reject(error);
  const failing = async (circuit: Circuit, times = FAILURES): Promise<void> => {
    for (let nth = 0; nth < times; nth += 1) {
      await expect(circuit.run(() => fails())).rejects.toThrow('connection refused');
    }
  };
  const open = { name: 'CircuitOpenError' };

  it('lets calls through, and writes nothing, while the dependency works', async () => {
    const [circuit] = circuits();
    expect(await circuit.run(() => Promise.resolve(42))).toBe(42);
    expect(await stateOf()).toBeUndefined();
  });

  it('opens for all processes after failures in a row, and says when to come again', async () => {
    const [one, other] = circuits();
    await failing(one, FAILURES - 1);
    await failing(other, 1);
    let called = false;
    const error: unknown = await one
      .run(() => {
        called = true;
        return Promise.resolve();
      })
      .catch((thrown: unknown) => thrown);
    expect(called).toBe(false);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toBeInstanceOf(RetryableError);
    const afterMs = Number.parseInt((error as CircuitOpenError).after ?? '', 10);
    expect(afterMs).toBeGreaterThan(50_000);
    expect(afterMs).toBeLessThanOrEqual(60_000);
    await expect(other.run(() => Promise.resolve())).rejects.toMatchObject(open);
  });

  it('begins to count anew when a call works, and takes a definite no for an answer', async () => {
    const [circuit] = circuits();
    await failing(circuit, FAILURES - 1);
    await circuit.run(() => Promise.resolve());
    expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
    await failing(circuit, FAILURES - 1);
    await expect(circuit.run(() => fails(new TerminalError('card declined')))).rejects.toThrow('card declined');
    expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
  });

  it('has one caller try when its time is over, out of many at once in several processes', async () => {
    const both = circuits();
    await failing(both[0]);
    await pass(60_000);
    const answered = deferred();
    let calls = 0;
    let turnedAway = 0;
    const results = await Promise.allSettled(
      Array.from({ length: CALLERS }, (_, nth) =>
        both[nth % PROCESSES]!.run(async () => {
          calls += 1;
          await answered.promise;
        }).catch((error: unknown) => {
          turnedAway += 1;
          // The one that tries is answered when all others were turned away.
          if (turnedAway === CALLERS - 1) answered.resolve();
          throw error;
        }),
      ),
    );
    const through = results.filter(({ status }) => status === 'fulfilled').length;
    expect({ calls, through, turnedAway }).toEqual({ calls: 1, through: 1, turnedAway: CALLERS - 1 });
    expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
    expect(await both[1].run(() => Promise.resolve('again'))).toBe('again');
  });

  it('stays open for the same time again when the one that tries fails', async () => {
    const [one, other] = circuits();
    await failing(one);
    await pass(60_000);
    await failing(other, 1);
    await expect(one.run(() => Promise.resolve())).rejects.toMatchObject(open);
    await pass(60_000);
    await one.run(() => Promise.resolve());
    expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
  });

  it('gives the probe to another one when its process never came back', async () => {
    const [one, other] = circuits({ probeForMs: 5_000 });
    await failing(one);
    await pass(60_000);
    const dead = deferred();
    const lost = one.run(() => dead.promise).catch(() => undefined);
    try {
      await eventually(async () => (await stateOf())?.state === 'half-open');
      const kept = other.run(() => Promise.resolve());
      await expect(kept).rejects.toMatchObject({ ...open, after: '1000ms' });
      await pass(5_000);
      await other.run(() => Promise.resolve());
      expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
    } finally {
      dead.reject(new Error('long ago'));
      await lost;
    }
    // What the dead one says after that counts as one call like any other.
    expect(await stateOf()).toEqual({ state: 'closed', failures: 1 });
  });

  it('takes no notice of calls that began before it opened', async () => {
    const [one, other] = circuits();
    const late = deferred();
    const slow = one.run(() => late.promise);
    await failing(other);
    late.resolve();
    await slow;
    expect(await stateOf()).toEqual({ state: 'open', failures: FAILURES });
  });

  it('blames the dependency for time that ran out, not for a handler that had to stop', async () => {
    const [circuit] = circuits({ failures: 1 });
    const aborted = (reason: Error) => circuit.run(() => fails(reason), AbortSignal.abort(reason));
    await expect(aborted(new Error('the lease was lost'))).rejects.toThrow('lease');
    expect(await stateOf()).toBeUndefined();
    await expect(aborted(new TimeoutError('took too long'))).rejects.toThrow('too long');
    expect(await stateOf()).toEqual({ state: 'open', failures: 1 });
    await pass(60_000);
    await expect(aborted(new Error('the lease was lost'))).rejects.toThrow('lease');
    // The probe said nothing, so the next caller is one.
    await circuit.run(() => Promise.resolve());
    expect(await stateOf()).toEqual({ state: 'closed', failures: 0 });
  });

  it('shows those who look after the service until when, and why', async () => {
    const [circuit] = circuits();
    const name = `dependency-${named}`;
    const shown = async () => (await circuitsOf(service.outside, service.schema)).find((one) => one.name === name);
    expect(await shown()).toBeUndefined();
    await failing(circuit);
    const { until, lastFailure, ...rest } = (await shown())!;
    expect(rest).toEqual({ name, state: 'open', failures: FAILURES });
    expect(until!.getTime() - lastFailure!.at.getTime()).toBeGreaterThanOrEqual(60_000);
    expect(lastFailure!.message).toBe('Error: connection refused');
    expect((await circuitsOf(service.outside, service.schema))[0]?.state).not.toBe('closed');
    await pass(60_000);
    await circuit.run(async () => expect(await shown()).toMatchObject({ state: 'half-open' }));
    // What it was is still of use when it works again.
    expect(await shown()).toEqual({ name, state: 'closed', failures: 0, lastFailure });
  });

  it('keeps of a failure what PostgreSQL can take', async () => {
    const [circuit] = circuits({ failures: 1 });
    await expect(circuit.run(() => fails(new Error(`a\u0000b${'c'.repeat(10_000)}`)))).rejects.toThrow();
    const [row] = await service.rows('select last_error, state from circuit where name = $1', [`dependency-${named}`]);
    expect(row).toEqual({ last_error: `Error: ab${'c'.repeat(491)}`, state: 'open' });
  });

  it('does what its rules say, whatever comes', async () => {
    const steps = fc.array(fc.constantFrom('works', 'fails', 'declines', 'time goes by' as const), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(steps, async (schedule) => {
        const both = circuits();
        const model = { failures: 0, isOpen: false, isDue: false };
        for (const [nth, step] of schedule.entries()) {
          if (step === 'time goes by') {
            await pass(60_000);
            model.isDue = model.isOpen;
            continue;
          }
          const isLet = !model.isOpen || model.isDue;
          let called = false;
          await both[nth % PROCESSES]!.run(() => {
            called = true;
            if (step === 'works') return Promise.resolve();
            return fails(step === 'declines' ? new TerminalError('no') : undefined);
          }).catch(() => undefined);
          expect(called).toBe(isLet);
          if (!isLet) continue;
          model.failures = step === 'fails' ? model.failures + 1 : 0;
          model.isOpen = step === 'fails' && (model.isDue || model.failures >= FAILURES);
          model.isDue = false;
        }
      }),
      { numRuns: 30 },
    );
  });
});
