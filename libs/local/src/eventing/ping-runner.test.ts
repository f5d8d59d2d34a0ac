import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type Clock } from '@ebb/core';
import { trace } from '@opentelemetry/api';
import { memorySchedules, pingSource } from './eventing.fixture.ts';
import type { HttpRequest } from './http-answer.ts';
import { startPing, type PingRunner } from './ping-runner.ts';
import { until } from './until.fixture.ts';

const START = Date.parse('2026-01-01T00:00:30.500Z');
const MINUTE_MS = 60_000;
const EMPTY = Buffer.alloc(0);

/** A clock that stands still until it is moved. */
function handClock(): Clock & { move(ms: number): Promise<void>; readonly waits: number[] } {
  let nowMs = START;
  const waits: number[] = [];
  const sleepers = new Set<{ readonly untilMs: number; wake(): void }>();
  return {
    waits,
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push(ms);
        sleepers.add({ untilMs: nowMs + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
    async move(ms) {
      nowMs += ms;
      for (const sleeper of sleepers) {
        if (sleeper.untilMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const runners: PingRunner[] = [];
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
});

function start(
  spec: Partial<Parameters<typeof pingSource>[0]> = {},
  options: { last?: Date; statuses?: number[] } = {},
) {
  const clock = handClock();
  const sent: HttpRequest[] = [];
  const schedules = memorySchedules(options.last);
  const statuses = [...(options.statuses ?? [])];
  const runner = startPing(pingSource({ sink: { uri: 'http://sink/' }, ...spec }), {
    clock,
    schedules,
    sender: {
      send: (_target, request) => {
        sent.push(request);
        const status = statuses.shift() ?? 202;
        return Promise.resolve({ answer: { status, headers: {}, body: EMPTY }, redirected: false });
      },
    },
    serving: { has: () => false, request: () => Promise.reject(new Error('no serving')) },
    tracer: trace.getTracer('test'),
    logger: silentLogger,
  });
  runners.push(runner);
  return { clock, sent, schedules, runner };
}
const begun = (waits: readonly number[]) => until('it waits for its time', () => waits.length > 0);

describe('a PingSource', () => {
  it('sends its event on the minute, every minute, by default', async () => {
    const { clock, sent, runner, schedules } = start({ data: '{"a":1}', contentType: 'application/json' });
    await begun(clock.waits);
    expect(runner.status()).toMatchObject({ schedule: '* * * * *', next: new Date('2026-01-01T00:01:00Z'), sent: 0 });
    await clock.move(29_000);
    expect(sent).toEqual([]);
    await clock.move(500);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body?.toString()).toBe('{"a":1}');
    expect(sent[0]?.headers).toMatchObject({
      'ce-type': 'dev.knative.sources.ping',
      'ce-source': '/apis/v1/namespaces/default/pingsources/tick',
      'ce-time': '2026-01-01T00:01:00.000Z',
      'content-type': 'application/json',
    });
    await clock.move(MINUTE_MS);
    expect(schedules.runs).toEqual([new Date('2026-01-01T00:01:00Z'), new Date('2026-01-01T00:02:00Z')]);
    expect(sent[0]?.headers['ce-id']).not.toBe(sent[1]?.headers['ce-id']);
  });

  it('sends bytes, and extensions of its own', async () => {
    const { clock, sent } = start({
      dataBase64: Buffer.from([1, 2]).toString('base64'),
      ceOverrides: { extensions: { tenant: 'a' } },
    });
    await begun(clock.waits);
    await clock.move(MINUTE_MS);
    expect(sent[0]?.body).toEqual(Buffer.from([1, 2]));
    expect(sent[0]?.headers).toMatchObject({ 'ce-tenant': 'a' });
  });

  it('tries five times more, from 50 ms on', async () => {
    const { clock, sent, runner } = start({}, { statuses: Array.from({ length: 6 }, () => 503) });
    await begun(clock.waits);
    clock.waits.length = 0;
    await clock.move(29_500);
    for (const ms of [50, 100, 200, 400, 800]) await clock.move(ms);
    expect(sent).toHaveLength(6);
    expect(clock.waits.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
    expect(runner.status()).toMatchObject({ sent: 0, failed: 1 });
  });

  it('does not repeat what was refused', async () => {
    const { clock, sent, runner } = start({}, { statuses: [400] });
    await begun(clock.waits);
    await clock.move(MINUTE_MS);
    expect(sent).toHaveLength(1);
    expect(runner.status().failed).toBe(1);
  });

  it('counts the runs that it missed while it was down, and makes up for none', async () => {
    const { clock, sent, runner } = start({}, { last: new Date('2025-12-31T23:50:00Z') });
    await begun(clock.waits);
    expect(runner.status().missed).toBe(10);
    expect(sent).toEqual([]);
  });

  it('counts the runs that it slept through', async () => {
    const { clock, sent, runner } = start();
    await begun(clock.waits);
    await clock.move(10 * MINUTE_MS);
    expect(sent).toHaveLength(1);
    expect(runner.status()).toMatchObject({ missed: 9, next: new Date('2026-01-01T00:11:00Z') });
  });

  it('is refused when its schedule is not valid', () => {
    expect(() => start({ schedule: '@every 5s' })).toThrow('@every');
  });
});
