import { HttpProblem } from '@ebb/core';
import type { Request } from 'express';

const MAX_LENGTH = 200;

/**
 * The request's Idempotency-Key: money is moved under a key only.
 * @throws HttpProblem 400 when it is missing or cannot be used
 */
export function idempotencyKeyOf(request: Pick<Request, 'get'>): string {
  const key = request.get('idempotency-key');
  if (key !== undefined && key.trim() !== '' && key.length <= MAX_LENGTH) return key;
  throw new HttpProblem(400, `the header Idempotency-Key is required: 1 to ${MAX_LENGTH} characters`);
}
