import type { StandardSchemaV1 } from '@ebb/events';

import { checkedInput } from './checked-input.ts';
import { parseBytes } from './json-body.ts';

/**
 * The bytes of a body as JSON, checked against a schema: for a route with `raw`, once it has seen that they are genuine.
 * @throws EbbError EBB_JSON, answered with 400; HttpProblem 422 with every violation
 */
export function parseBody<Schema extends StandardSchemaV1>(
  schema: Schema,
  body: Buffer,
): StandardSchemaV1.InferOutput<Schema> {
  return checkedInput(422, 'body', schema, parseBytes(body));
}
