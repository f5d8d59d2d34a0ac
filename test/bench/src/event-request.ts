import { OrderPlaced } from '@ebb/schemas';

const ID = '@@@@@@@@@@@@@@@@';
const BODY = JSON.stringify(OrderPlaced.example);
const [BEFORE = '', AFTER = ''] = [
  'POST /functions/take HTTP/1.1',
  'host: bench.test',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  'ce-specversion: 1.0',
  `ce-id: ${ID}`,
  'ce-source: /bench',
  `ce-type: ${OrderPlaced.type}`,
  `ce-subject: ${OrderPlaced.example.orderId}`,
  'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '',
  BODY,
]
  .join('\r\n')
  .split(ID);

/**
 * An order.placed event as a broker delivers it, binary mode, as bytes: what sends the load must cost next to nothing.
 * @param number makes the event's id
 */
export function eventRequest(number: number): string {
  return BEFORE + number.toString(36).padStart(ID.length, '0') + AFTER;
}

export const ANSWER = 'HTTP/1.1 204';
