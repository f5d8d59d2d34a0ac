import fc from 'fast-check';
import type { CloudEvent } from '../cloud-event.ts';
import { CloudEventError } from '../errors.ts';

/** Headers of a minimal event in binary mode. */
export const MINIMAL = {
  'ce-specversion': '1.0',
  'ce-id': 'e-1',
  'ce-source': '/svc/orders',
  'ce-type': 'dev.ebb.orders.order.placed.v1',
} as const;

export const FULL: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/svc/orders',
  type: 'dev.ebb.orders.order.placed.v1',
  subject: 'o-1',
  time: '2026-01-31T12:00:00.123Z',
  datacontenttype: 'application/json',
  dataschema: 'https://example.org/order.json',
  partitionkey: 'o-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: { orderId: 'o-1', total: { amount: 300, currency: 'EUR' } },
};

/** What decoding answered, as an error that a test can look into. */
export function refusalOf(run: () => unknown): CloudEventError {
  try {
    run();
  } catch (error) {
    if (error instanceof CloudEventError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((value) => !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(value));
const filledText = text.filter((value) => value !== '');
const source = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.constantFrom(
    '/svc/orders',
    'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
    'a%20b',
    '/a%2520b',
    '/%41%25',
    '#x',
    '?q=%25',
  ),
);
const time = fc.date({
  noInvalidDate: true,
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
});
const extensionName = fc
  .string({ unit: fc.constantFrom('a', 'b', 'c', 'x', 'y', 'z', '0', '9'), minLength: 1, maxLength: 24 })
  .filter((name) => !['data', 'id', 'type', 'time'].includes(name));

const attributes = fc.record(
  {
    id: filledText,
    source,
    type: filledText,
    subject: filledText,
    partitionkey: filledText,
    time: time.map((date) => date.toISOString()),
    dataschema: fc.webUrl(),
    extensions: fc.dictionary(fc.oneof(extensionName, fc.constant('constructor')), text, {
      maxKeys: 5,
    }),
  },
  { requiredKeys: ['id', 'source', 'type', 'extensions'] },
);

const json = fc.record(
  {
    datacontenttype: fc.constantFrom('application/json', 'application/vnd.x+json; charset=utf-8', 'text/json'),
    data: fc.jsonValue(),
  },
  { requiredKeys: ['datacontenttype'] },
);
const textData = fc.record({
  datacontenttype: fc.constantFrom('text/plain', 'text/html; charset="UTF-8"'),
  data: filledText,
});
const bytesData = fc.record(
  {
    datacontenttype: fc.constantFrom('application/octet-stream', 'image/png', 'text/plain; charset=iso-8859-1'),
    data: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['data'] },
);

/** Valid events of every kind of data, with text in attributes that is hard on every format. */
export const anyEvent: fc.Arbitrary<CloudEvent> = fc
  .tuple(attributes, fc.oneof(json, textData, bytesData))
  .map(([{ extensions, ...known }, data]) => ({ specversion: '1.0', ...extensions, ...known, ...data }));
