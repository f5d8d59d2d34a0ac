import type { Json } from '@ebb/core';
import * as z from 'zod/mini';
import { isUriReference, parseData } from '@ebb/events';
import type { PublishRequest } from './api.ts';

const Shape = z.strictObject({
  type: z.string().check(z.minLength(1)),
  example: z.optional(z.boolean()),
  data: z.optional(z.unknown()),
  id: z.optional(z.string().check(z.minLength(1))),
  source: z.optional(z.string().check(z.refine(isUriReference, 'must be a URI reference, such as /my/tool'))),
  subject: z.optional(z.string().check(z.minLength(1))),
});

/** @throws SchemaViolationError with every violation */
export function parsePublishRequest(body: Json): PublishRequest {
  return parseData(Shape, body, 'the request to publish') as PublishRequest;
}
