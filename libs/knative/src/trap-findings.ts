import type { CloudEvent } from '@ebb/events';
import { kneHeaders } from './delivery/kne-headers.ts';
import type { Broker, Trigger } from './resources/resources.ts';

/** A trap of the data plane that bites, by its number in {@link TRAPS}, and what was found. */
export interface TrapFinding {
  readonly trap: number;
  readonly detail: string;
}

/** What a subscriber answered to a delivery. */
export interface SubscriberAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What became of a reply: false when it could not be published. */
  readonly isReplyPublished?: boolean;
}

/** The traps in an answer: a reply (6), one that was lost (13), a body that is none (5), `kne-` headers (15, 16), a redirect (20). */
export function trapsOfResponse(answer: SubscriberAnswer): readonly TrapFinding[] {
  const { status, headers } = answer;
  if (status >= 200 && status <= 299) return ofSuccess(answer);
  const { extensions, poisonous } = kneHeaders(headers);
  const names = Object.keys(extensions);
  return [
    ...(status === 303 && headers.location !== undefined
      ? [{ trap: 20, detail: `the subscriber answered 303 with the location ${headers.location}` }]
      : []),
    ...(names.length > 0
      ? [{ trap: 15, detail: `extensions of the dead letter come from headers: ${names.join(', ')}` }]
      : []),
    ...(poisonous.length > 0 ? [{ trap: 16, detail: `the subscriber answered with ${poisonous.join(', ')}` }] : []),
  ];
}

function ofSuccess({ status, headers, body, isReplyPublished }: SubscriberAnswer): readonly TrapFinding[] {
  if (carriesEvent(headers)) {
    const reply = { trap: 6, detail: `the answer ${status} carries a CloudEvent, which is taken as a reply` };
    return isReplyPublished === false ? [reply, { trap: 13, detail: 'the reply could not be published' }] : [reply];
  }
  return body.length === 0
    ? []
    : [{ trap: 5, detail: `the answer ${status} has a body of ${body.length} bytes that is no CloudEvent` }];
}

/** Headers alone make an answer an event, even on a 204; a batch is none. */
function carriesEvent(headers: Readonly<Record<string, string>>): boolean {
  const contentType = (headers['content-type'] ?? '').toLowerCase();
  if (contentType.startsWith('application/cloudevents-batch')) return false;
  return headers['ce-specversion'] !== undefined || contentType.startsWith('application/cloudevents');
}

/** From this size on the ingress of a cluster refuses an event. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/** An event as it was published. */
export interface PublishedEvent {
  readonly event: CloudEvent;
  readonly mode: 'binary' | 'structured';
  /** The request's body. */
  readonly body: Buffer;
}

/** The traps in an event: no trace of its own (17), too large (18), text that structured mode garbles (21). */
export function trapsOfEvent({ event, mode, body }: PublishedEvent): readonly TrapFinding[] {
  const { type, id } = event;
  return [
    ...(event.traceparent === undefined ? [{ trap: 17, detail: `${type} (${id}) has no traceparent` }] : []),
    ...(body.length > MAX_EVENT_BYTES ? [{ trap: 18, detail: `${type} (${id}) has ${body.length} bytes` }] : []),
    ...(mode === 'structured' && body.some((byte) => byte > 0x7f)
      ? [{ trap: 21, detail: `${type} (${id}) came in structured mode with text that is not ASCII` }]
      : []),
  ];
}

/** The traps in a Trigger's `delivery` block: fields without effect (7), the Broker's sink that does not count (9), gaps (19). */
export function trapsOfTrigger({ spec: { delivery } }: Trigger, broker?: Broker): readonly TrapFinding[] {
  if (!delivery) return [];
  const ignored = (['retryAfterMax', 'format'] as const).filter((field) => delivery[field] !== undefined);
  const missing = (['retry', 'backoffPolicy', 'backoffDelay'] as const).filter(
    (field) => delivery[field] === undefined,
  );
  const losesSink = !delivery.deadLetterSink && broker?.spec.delivery?.deadLetterSink !== undefined;
  return [
    ...(ignored.length > 0 ? [{ trap: 7, detail: `its delivery block sets ${ignored.join(' and ')}` }] : []),
    ...(losesSink
      ? [
          {
            trap: 9,
            detail: `its delivery block has no dead letter sink, and the one of broker ${broker.metadata.name} does not count`,
          },
        ]
      : []),
    ...(missing.length > 0 ? [{ trap: 19, detail: `its delivery block leaves out ${missing.join(', ')}` }] : []),
  ];
}
