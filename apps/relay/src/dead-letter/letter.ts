import type { DecodedEvent } from '@ebb/events';
import { errorOfLetter } from '@ebb/knative';
import type { DeadLetterEvent } from '@ebb/postgres/parked';
import { parseTraceparent } from '@ebb/telemetry';

/** Whose letters an address is for. */
export interface Destination {
  readonly schema: string;
  readonly service: string;
  readonly fn: string;
}

const PATH = /^\/dead-letters\/(?<schema>[a-z_][a-z0-9_]{0,62})\/(?<service>[a-z0-9-]{1,63})\/(?<fn>[a-z0-9-]{1,63})$/;

/** `/dead-letters/<schema>/<service>/<function>`: a Trigger's sink says whose events it hands over, and nobody has to guess. */
export function destinationOf(path: string): Destination | undefined {
  const { schema, service, fn } = PATH.exec(path)?.groups ?? {};
  return schema !== undefined && service !== undefined && fn !== undefined ? { schema, service, fn } : undefined;
}

/** What the broker says of the failure, and what the function said of it: no part of the event as it was published. */
const OF_THE_FAILURE = /^(knativeerror|knativekafka|ebb(function|reason|detail)$)/;

/** The event as it was published, and apart from it what became of its delivery. */
export function letterOf({ service, fn }: Destination, { event, payload }: DecodedEvent): DeadLetterEvent {
  const all = Object.entries(event);
  const headers = Object.fromEntries(
    all.filter(([name]) => OF_THE_FAILURE.test(name)).map(([name, value]) => [name, String(value)]),
  );
  const original = Object.fromEntries(all.filter(([name]) => !OF_THE_FAILURE.test(name))) as typeof event;
  const traceId = parseTraceparent(original.traceparent)?.traceId;
  return {
    service,
    fn,
    event: { event: original, payload },
    error: errorOfLetter(headers),
    headers,
    ...(traceId !== undefined && { traceId }),
  };
}
