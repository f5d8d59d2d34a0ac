import { HttpProblem, type Json } from '@ebb/core';
import * as z from 'zod/mini';
import type { PublishRequest } from './api.ts';

const Shape = z.strictObject({
  type: z.string().check(z.minLength(1)),
  example: z.optional(z.boolean()),
  data: z.optional(z.unknown()),
  id: z.optional(z.string().check(z.minLength(1))),
  source: z.optional(z.string().check(z.minLength(1))),
  subject: z.optional(z.string().check(z.minLength(1))),
});

/** @throws HttpProblem 422 with every violation */
export function parsePublishRequest(body: Json): PublishRequest {
  const result = Shape.safeParse(body);
  if (result.success) return result.data as PublishRequest;
  const violations = result.error.issues.map(({ path, message }) => ({
    path: path.map((part) => `/${String(part)}`).join(''),
    message,
  }));
  throw new HttpProblem(422, 'the request to publish is not complete', { extensions: { violations } });
}
