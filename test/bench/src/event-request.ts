import { OrderPlaced } from '@ebb/schemas';

const ID = '@@@@@@@@@@@@@@@@';
const PATH = 'POST /functions/take HTTP/1.1';
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const BODY = JSON.stringify(OrderPlaced.example);
const SINGLE = [
  PATH,
  'host: bench.test',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  'ce-specversion: 1.0',
  `ce-id: ${ID}`,
  'ce-source: /bench',
  `ce-type: ${OrderPlaced.type}`,
  `ce-subject: ${OrderPlaced.example.orderId}`,
  `ce-partitionkey: ${ID}`,
  `traceparent: ${TRACEPARENT}`,
  '',
  BODY,
]
  .join('\r\n')
  .split(ID);

const EVENT = JSON.stringify({
  specversion: '1.0',
  id: ID,
  source: '/bench',
  type: OrderPlaced.type,
  subject: OrderPlaced.example.orderId,
  partitionkey: ID,
  traceparent: TRACEPARENT,
  datacontenttype: 'application/json',
  data: OrderPlaced.example,
});
const BATCHED = EVENT.split(ID);

/** What is sent to a function, and how many events it carries. */
export interface EventRequest {
  readonly events: number;
  /** @param first the number of the first event, which makes its id; the others follow */
  bytes(first: number): string;
}

/**
 * An order.placed event as a broker delivers it, binary mode, as bytes: what sends the load must cost next to nothing. Each has a key of its own.
 */
export const SINGLE_EVENT: EventRequest = { events: 1, bytes: (number) => SINGLE.join(idOf(number)) };

/** As many events in one request. */
export function batchOf(events: number): EventRequest {
  const head = [
    PATH,
    'host: bench.test',
    'content-type: application/cloudevents-batch+json',
    `content-length: ${events * (EVENT.length + 1) + 1}`,
    '',
    '',
  ].join('\r\n');
  return {
    events,
    bytes: (first) => {
      const list = Array.from({ length: events }, (_, at) => BATCHED.join(idOf(first + at)));
      return `${head}[${list.join(',')}]`;
    },
  };
}

const idOf = (number: number): string => number.toString(36).padStart(ID.length, '0');

export const ANSWER = 'HTTP/1.1 204';
