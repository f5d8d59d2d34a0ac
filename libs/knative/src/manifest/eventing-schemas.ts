import * as z from 'zod/mini';
import { isoDuration, texts } from './text-schemas.ts';

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:/.test(text);

const Destination = z
  .strictObject({
    ref: z.optional(
      z.looseObject({
        apiVersion: z.optional(z.string()),
        kind: z.string(),
        name: z.string(),
        namespace: z.optional(z.string()),
      }),
    ),
    uri: z.optional(z.string()),
    CACerts: z.optional(z.string()),
    audience: z.optional(z.string()),
  })
  .check(
    z.refine(({ ref, uri }) => ref !== undefined || uri !== undefined, 'must have a ref or a uri'),
    z.refine(
      ({ ref, uri }) => ref === undefined || uri === undefined || (uri.startsWith('/') && !uri.startsWith('//')),
      'has a ref, so its uri must be a path that begins with /',
    ),
    z.refine(
      ({ ref, uri }) => ref !== undefined || uri === undefined || isHttpUrl(uri),
      'has no ref, so its uri must be a whole URL with http or https',
    ),
  );

const Delivery = z.strictObject({
  retry: z.optional(z.int().check(z.minimum(0))),
  backoffPolicy: z.optional(z.enum(['linear', 'exponential'])),
  backoffDelay: z.optional(isoDuration),
  timeout: z.optional(isoDuration),
  retryAfterMax: z.optional(z.string()),
  format: z.optional(z.string()),
  deadLetterSink: z.optional(Destination),
});

export const BrokerSpec = z.strictObject({
  config: z.optional(z.looseObject({})),
  delivery: z.optional(Delivery),
});

export const TriggerSpec = z.strictObject({
  broker: z.string().check(z.minLength(1)),
  filter: z.optional(z.strictObject({ attributes: z.optional(texts) })),
  filters: z.optional(z.array(z.looseObject({}))),
  subscriber: Destination,
  delivery: z.optional(Delivery),
});

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const PingSourceSpec = z
  .strictObject({
    schedule: z.optional(z.string()),
    timezone: z.optional(z.string()),
    contentType: z.optional(z.string()),
    data: z.optional(z.string()),
    dataBase64: z.optional(z.string().check(z.regex(BASE64, 'must be base64'))),
    sink: Destination,
    ceOverrides: z.optional(z.strictObject({ extensions: z.optional(texts) })),
  })
  .check(
    z.refine(
      ({ data, dataBase64 }) => data === undefined || dataBase64 === undefined,
      'has both data and dataBase64: give one',
    ),
  );
