import type { CloudEvent } from '@ebb/events';
import type { FunctionDefinition } from '@ebb/function';
import type { Sql } from '@ebb/postgres';
import type { Delivery } from './delivery.ts';
import { testFunction } from './test-function.ts';
import type { State, TestServiceOptions } from './test-service.ts';

export interface RunOptions extends Omit<TestServiceOptions, 'module'> {
  /** Writes the rows that are there before. */
  readonly given?: (db: Sql) => Promise<unknown>;
}

/** What a function made of its events. */
export interface RunResult extends Delivery, State {
  /** How the events went, one by one; `outcome`, `reason` and `problem` are those of the last. */
  readonly deliveries: readonly Delivery[];
}

/** Runs a function on an event, or on several one after the other, with a database of its own that is gone afterwards. */
export async function run(
  fn: FunctionDefinition,
  events: CloudEvent | readonly CloudEvent[],
  { given, ...options }: RunOptions = {},
): Promise<RunResult> {
  const tested = await testFunction(fn, options);
  try {
    if (given) await given(tested.db);
    const deliveries: Delivery[] = [];
    for (const event of isList(events) ? events : [events]) deliveries.push(await tested.deliver(event));
    const last = deliveries.at(-1);
    if (!last) throw new TypeError('there is no event to run the function on');
    return {
      ...last,
      deliveries,
      emitted: deliveries.flatMap(({ emitted }) => emitted),
      woken: deliveries.flatMap(({ woken }) => woken),
      ...(await tested.state()),
    };
  } finally {
    await tested.close();
  }
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
