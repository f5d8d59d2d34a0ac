import type { DeliveryKey } from '../database.ts';

/** What tells one effect from another, as stored in the inbox. */
export interface InboxKey {
  readonly fn: string;
  readonly source: string;
  readonly eventId: string;
}

/** A business key takes the place of source and id; no event has an empty source, so the two kinds never meet. */
export function inboxKeyOf({ fn, source, id, businessKey }: DeliveryKey): InboxKey {
  return businessKey === undefined ? { fn, source, eventId: id } : { fn, source: '', eventId: businessKey };
}
