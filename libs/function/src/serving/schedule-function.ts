import type { EventDefinition } from '@ebb/events';

import type { TransactionalFunctionDefinition } from '../definition/function.ts';
import type { ScheduleDefinition } from '../definition/schedule.ts';

const TIMEOUT_MS = 30_000;
const CONCURRENCY = 1;
const RETRY = { attempts: 8, backoff: 'exponential', delayMs: 200 } as const;

/** What a PingSource sends. Its data only says which schedule is due. */
const Ping: EventDefinition = {
  type: 'dev.knative.sources.ping',
  topic: 'pings',
  schema: { '~standard': { version: 1, vendor: 'ebb', validate: (value) => ({ value }) } },
  example: {},
  key: () => 'ping',
  parse: (data) => data,
  jsonSchema: () => Promise.resolve({}),
};

/**
 * A schedule as a function of its ping: it publishes the declared event. A PingSource by itself could only publish an event of its own
 * type; this way a ping that comes twice publishes once, and what cannot be published is parked, as with every function.
 */
export function functionOf({ name, emits, data }: ScheduleDefinition): TransactionalFunctionDefinition {
  return {
    kind: 'function',
    mode: 'transactional',
    // Apart from the functions of the service: in its inbox a name belongs to one of them.
    name: `schedule:${name}`,
    on: [Ping],
    emits: [emits],
    filters: [],
    timeoutMs: TIMEOUT_MS,
    concurrency: CONCURRENCY,
    order: 'unordered',
    retry: RETRY,
    settings: {},
    businessKey: undefined,
    handle: (_ping, { emit }) => emit(emits, data),
  };
}
