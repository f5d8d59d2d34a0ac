import { afterEach, describe, expect, it } from '@jest/globals';
import { RetryableError, setting, TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { OrderConfirmed, OrderRejected } from '@ebb/schemas';
import { exampleOf } from './example-of.ts';
import { testFunction, type TestFunction } from './test-function.ts';
import type { TestServiceOptions } from './test-service.ts';

let open: TestFunction | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function given(fn: Parameters<typeof testFunction>[0], options?: TestServiceOptions): Promise<TestFunction> {
  open = await testFunction(fn, options);
  return open;
}

describe('a function without a database', () => {
  it('runs in memory alone', async () => {
    const seen: unknown[] = [];
    const fn = await given(
      defineFunction('look', {
        on: OrderConfirmed,
        handle: ({ data }) => {
          seen.push(data);
          return Promise.resolve();
        },
      }),
    );
    expect(await fn.deliver(exampleOf(OrderConfirmed))).toEqual({ outcome: 'done', emitted: [], woken: [] });
    expect(seen).toEqual([OrderConfirmed.example]);
    expect(() => fn.db).toThrow(/has no database/);
  });

  it.each([
    ['retry', new RetryableError('busy'), 503],
    ['rejected', new TerminalError('never'), 422],
  ] as const)('is seen to fail: %s', async (outcome, error, status) => {
    const fn = await given(defineFunction('fail', { on: OrderConfirmed, handle: () => Promise.reject(error) }));
    expect(await fn.deliver(exampleOf(OrderConfirmed))).toMatchObject({ outcome, problem: { status } });
  });

  it('reads the settings that the test gives', async () => {
    let seen = '';
    const fn = await given(
      defineFunction('greet', {
        on: OrderConfirmed,
        settings: { GREETING: setting.text({ description: 'what to say' }) },
        handle: (_event, { config }) => {
          seen = config.GREETING;
          return Promise.resolve();
        },
      }),
      { config: { GREETING: 'hello' } },
    );
    await fn.deliver(exampleOf(OrderConfirmed));
    expect(seen).toBe('hello');
  });
});

describe('a function that emits', () => {
  const emitting = (fails: boolean) =>
    defineFunction('emit', {
      on: OrderConfirmed,
      emits: [OrderRejected],
      handle: async (_event, { emit }) => {
        await emit(OrderRejected, OrderRejected.example);
        if (fails) throw new RetryableError('after all, no');
      },
    });

  it('gets a database of its own, and shows what it emitted', async () => {
    const fn = await given(emitting(false));
    const event = exampleOf(OrderConfirmed);
    const { outcome, emitted } = await fn.deliver(event);
    expect(outcome).toBe('done');
    expect(emitted).toMatchObject([{ type: OrderRejected.type, data: OrderRejected.example, causationid: event.id }]);
    expect(await fn.deliver(event)).toMatchObject({ outcome: 'duplicate', emitted: [] });
  });

  it('has emitted nothing when it failed', async () => {
    const fn = await given(emitting(true));
    expect(await fn.deliver(exampleOf(OrderConfirmed))).toMatchObject({ outcome: 'retry', emitted: [] });
  });
});
