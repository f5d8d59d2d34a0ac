import type { CloudEvent, EventDefinition } from '@ebb/events';
import type { Database, DeliveryKey, DeliveryResult } from '@ebb/postgres';

import type { LeasedFunctionDefinition } from '../definition/function.ts';
import { noDatabaseError } from './database.ts';
import type { Handling } from './handling.ts';
import { lazily, type ServiceRuntime } from './runtime.ts';

/** Delivers an event to a leased function: one that it reacts to, or one that it waits for. */
export async function deliverLeased(
  definition: LeasedFunctionDefinition,
  runtime: ServiceRuntime,
  handling: Handling,
  key: DeliveryKey,
): Promise<DeliveryResult> {
  const { definition: service, database, config, onPoint } = runtime;
  if (!database) throw noDatabaseError(service.name);
  const { event } = key.event;
  const awaited = definition.waitsFor.find(({ type }) => type === event.type);
  if (awaited) return signalled(database, key, awaited, event);
  return database.lease(key, definition.leaseMs, async (leased) => {
    const log = lazily(() => handling.log(event));
    const { handleLeased } = await import('../leased/handle-leased.ts');
    return handleLeased({
      definition,
      database,
      leased,
      incoming: handling.incoming(event),
      emitter: handling.emitting(event),
      common: {
        get log() {
          return log();
        },
        traceId: key.traceId ?? '',
        config,
      },
      ...(onPoint && { onPoint }),
    });
  });
}

/** A key's headers are made when they are asked for, so that they have to be named. */
const unordered = (key: DeliveryKey): DeliveryKey => ({
  ...key,
  ...(key.headers && { headers: key.headers }),
  order: 'unordered',
});

/** An event that the function waits for. One that does not fit is parked, as any other. */
function signalled(
  database: Database,
  key: DeliveryKey,
  awaited: EventDefinition,
  event: CloudEvent,
): Promise<DeliveryResult> {
  const subjectOf = () => awaited.key(awaited.parse(event.data));
  try {
    // An event of its key that is parked may be the one that waits for it.
    return database.signal(unordered(key), { type: awaited.type, key: subjectOf() });
  } catch {
    // What it threw, thrown where it is settled.
    return database.deliver(key, () => Promise.resolve(subjectOf()));
  }
}
