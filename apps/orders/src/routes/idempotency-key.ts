import { HttpProblem } from '@ebb/core';

const MAX_LENGTH = 200;

/**
 * The request's Idempotency-Key, if it has one.
 * @throws HttpProblem 400 when it cannot be used
 */
export function idempotencyKeyOf(header: string | undefined, orderId: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '' || header.length > MAX_LENGTH) {
    throw new HttpProblem(400, `the header Idempotency-Key must have 1 to ${MAX_LENGTH} characters`);
  }
  if (orderId !== undefined) {
    throw new HttpProblem(
      400,
      'give the order an orderId or the request an Idempotency-Key, not both: each names the order',
    );
  }
  return header;
}
