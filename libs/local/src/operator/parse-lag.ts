import type { Json } from '@ebb/core';
import { parseData } from '@ebb/events';
import * as z from 'zod/mini';
import type { LagRequest } from '../control/api.ts';

const MAX_CONSUMERS = 1_000;
const text = z.string().check(z.minLength(1), z.maxLength(255));
const Lag = z.strictObject({
  consumers: z.array(z.strictObject({ group: text, topic: text })).check(z.maxLength(MAX_CONSUMERS)),
});

/** @throws SchemaViolationError */
export function parseLag(body: Json): LagRequest {
  return parseData(Lag, body, 'the request for lags');
}
