import type { CatalogueEntry } from '@ebb/catalogue';
import { CloudEventError } from '@ebb/events';
import { parkDeadLetter } from '@ebb/postgres/parked';
import { parseTraceparent } from '@ebb/telemetry';
import type { Pool } from 'pg';
import type { DeadLetterStore } from '../eventing/index.ts';
import { eventOfRecord } from '../eventing/record-event.ts';
import { errorOfLetter } from '@ebb/knative';
import { failedFunction } from './failed-function.ts';

/**
 * Takes dead letters to where a person looks for what did not take effect: to the service whose function it was, if that has a database, beside what
 * it parked itself; else to the platform's own store.
 */
export function routedLetters(
  own: DeadLetterStore,
  pool: Pool,
  entries: () => readonly CatalogueEntry[],
): Pick<DeadLetterStore, 'add'> {
  return {
    async add(letter) {
      const { attributes, value, headers } = letter;
      const failed = failedFunction(attributes.knativeerrordest, entries());
      const event = eventOfRecord({ key: null, headers, value });
      if (!failed?.entry.database || !event) return own.add(letter);
      const traceId = parseTraceparent(event.event.traceparent)?.traceId;
      const error = errorOfLetter(attributes);
      const { name: service, database } = failed.entry;
      const parked = {
        service,
        fn: failed.fn,
        event,
        error,
        headers: attributes,
        ...(traceId !== undefined && { traceId }),
      };
      try {
        await parkDeadLetter(pool, database.schema, parked);
      } catch (thrown) {
        // What the ingress took leniently cannot be written in the JSON format.
        if (!(thrown instanceof CloudEventError)) throw thrown;
        await own.add(letter);
      }
    },
  };
}
