import type { IncomingHttpHeaders } from 'node:http';

const KEPT = /^(traceparent|tracestate|kn-namespace|x-request-id|kne-.+)$/;

/** What is kept of a delivery's headers when its event is parked: where it came from. The event's attributes are in the event. */
export function keptHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      KEPT.test(name) && value !== undefined ? [[name, String(value)]] : [],
    ),
  );
}
