import { describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';
import { parseTraceparent, startTelemetry } from '@ebb/telemetry';

import { ParcelLost, ParcelWeighed } from '../testing-fixtures/parcels/src/events.ts';
import { Emitter } from './emitter.ts';

const { tracer } = startTelemetry({ service: 'test', logLevel: 'silent' });
const cause = { id: 'e-1', key: 'weigh /x e-1' };
const emitter = (emits: readonly EventDefinition[] = [ParcelLost, ParcelWeighed]) =>
  new Emitter({ service: 'parcels', emits, tracer, correlationId: 'c-1', cause });

describe('emitted events', () => {
  it('say where they come from and what caused them', async () => {
    const one = emitter();
    await one.emit(ParcelLost, ParcelLost.example, { extensions: { tenant: 'a' } });
    const { event, topic } = one.close()[0]!;
    expect(topic).toBe('parcels');
    expect(event).toMatchObject({
      type: ParcelLost.type,
      source: '/svc/parcels',
      subject: 'p-1',
      partitionkey: 'p-1',
      correlationid: 'c-1',
      causationid: 'e-1',
      tenant: 'a',
    });
    expect(parseTraceparent(event.traceparent)).toBeDefined();
  });

  it('have the same ids in each run, in the order of the calls, awaited or not', async () => {
    const run = async (awaited: boolean) => {
      const one = emitter();
      const pending: Promise<void>[] = [];
      for (const grams of [1, 2, 3]) {
        const emitting = one.emit(ParcelWeighed, { parcelId: `p-${grams}`, grams });
        if (awaited) await emitting;
        pending.push(emitting);
      }
      await Promise.all(pending);
      return one.close().map(({ event }) => [event.subject, event.id]);
    };
    const first = await run(true);
    expect(await run(false)).toEqual(first);
    expect(new Set(first.map(([, id]) => id)).size).toBe(3);
  });

  it('may wait for their time, under a name that is the same in each run', async () => {
    const run = async () => {
      const one = emitter();
      const own = await one.after('15m', ParcelLost, ParcelLost.example);
      await one.emit(ParcelLost, ParcelLost.example);
      const given = await one.after('1d', ParcelLost, ParcelLost.example, { name: 'lost p-1' });
      await one.cancel('found p-1');
      const written: unknown[] = [];
      const write = (change: unknown): Promise<void> => Promise.resolve(void written.push(change));
      await one.writeTo({ enqueue: write, schedule: write, cancel: write });
      return { own, given, written };
    };
    const { own, given, written } = await run();
    expect(given).toBe('lost p-1');
    expect(written).toMatchObject([
      [{ event: { type: ParcelLost.type } }],
      { name: own, afterMs: 900_000, topic: 'parcels', event: { id: own, causationid: 'e-1', correlationid: 'c-1' } },
      { name: 'lost p-1', afterMs: 86_400_000 },
      'found p-1',
    ]);
    expect((await run()).own).toBe(own);
    await expect(emitter().after('4000d', ParcelLost, ParcelLost.example)).rejects.toThrow('at most 3650 days');
  });

  it("refuse a payload that does not fit: the mistake is the handler's, not the caller's", async () => {
    await expect(emitter().emit(ParcelWeighed, { parcelId: 'p', grams: 'heavy' })).rejects.toThrow(TerminalError);
    await expect(emitter().emit(ParcelWeighed, { parcelId: 'p', grams: 'heavy' })).rejects.toThrow('/grams');
  });

  it('must be declared', async () => {
    await expect(emitter([ParcelLost]).emit(ParcelWeighed, ParcelWeighed.example)).rejects.toThrow('does not list it');
  });

  it('cannot come after the handler', async () => {
    const one = emitter();
    one.close();
    await expect(one.emit(ParcelLost, ParcelLost.example)).rejects.toThrow('the handler is over');
  });
});
