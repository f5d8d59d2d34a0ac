import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DeadLetterEvent } from '@ebb/postgres/parked';
import type { Destination } from './letter.ts';

const TYPE = 'dev.ebb.platform.event.unreadable.v1';
const ID_LENGTH = 32;

/**
 * An event that a broker took and nobody can read (one without an id, say), as its bytes: a function refuses it, and who turned it away here, too,
 * would lose it. Its headers are what is known of it. The same letter has the same id, however often it comes.
 */
export function unreadableOf(
  { service, fn }: Destination,
  headers: IncomingHttpHeaders,
  body: Buffer,
  why: string,
): DeadLetterEvent {
  const known = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('ce-') || name === 'content-type')
      .map(([name, value]) => [name, String(value)]),
  );
  const hash = createHash('sha256').update(JSON.stringify(known)).update(body);
  const event = {
    specversion: '1.0',
    id: hash.digest('hex').slice(0, ID_LENGTH),
    source: `/dead-letters/${service}/${fn}`,
    type: TYPE,
    datacontenttype: 'application/octet-stream',
    data: body,
  } as const;
  return { service, fn, event: { event, payload: body }, error: `it cannot be read: ${why}`, headers: known };
}
